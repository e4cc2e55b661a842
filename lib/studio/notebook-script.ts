import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

/** What the script at the start of a notebook is told. */
export interface NotebookScriptValues {
  readonly trackingUri: string;
  /** Left out where the tracking API takes signatures. */
  readonly tokenSecretArn?: string | undefined;
  readonly gitRepository: string;
}

/** start-notebook.sh with its values, none of which may hold a quote: they stand between quotes of two languages. */
export function notebookScript({ trackingUri, tokenSecretArn = '', gitRepository }: NotebookScriptValues): string {
  const requirements = read('notebook-requirements.txt')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const values: Record<string, string> = {
    TRACKING_URI: trackingUri,
    TOKEN_SECRET_ARN: tokenSecretArn,
    GIT_REPOSITORY: gitRepository,
    REQUIREMENTS: requirements.join('\n'),
  };
  return read('start-notebook.sh').replace(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`start-notebook.sh: got @${name}@, for which there is no value`);
    if (/['"\\`]|\$(?!\{Token\[)/.test(value))
      throw new Error(`${name}: got ${value}, a value in a script holds no quotes`);
    return value;
  });
}
