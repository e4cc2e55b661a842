import { SharedErrors } from '../../lambdas/shared/errors.ts';

/** `weather@3` as a dataset and its version: a digest, a number, or `latest`. @throws InvalidInput */
export function namedVersion(text: string): { dataset: string; version: string } {
  const [dataset = '', version = '', ...more] = text.split('@');
  if (dataset && version && more.length === 0) return { dataset, version };
  throw SharedErrors.InvalidInput(`version: got ${text}, expected <dataset>@<version>, such as weather@latest`);
}
