import { TrackingErrors } from './errors.ts';
import { checkLength, type KeyValue } from './names.ts';

/** What a run read, as the client described it. The first description of a name and digest in an experiment stands. */
export interface Dataset {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema?: string;
  profile?: string;
}

/** A dataset as an input of one run. */
export interface GivenDataset {
  dataset: Dataset;
  tags: readonly KeyValue[];
}

/** MLflow's limits (mlflow/utils/validation.py, 3.17.2), in characters. */
export const DATASET_LIMITS = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
  tagKey: 255,
  tagValue: 500,
  perCall: 1000,
} as const;

export const CONTEXT_TAG = 'mlflow.data.context';

/** @throws RequestInvalid */
export function checkDataset({ dataset, tags }: GivenDataset): void {
  const { name, digest, source, schema = '', profile = '' } = dataset;
  checkLength('name', DATASET_LIMITS.name, name);
  checkLength('digest', DATASET_LIMITS.digest, digest);
  checkLength('source', DATASET_LIMITS.source, source);
  checkLength('schema', DATASET_LIMITS.schema, schema);
  checkLength('profile', DATASET_LIMITS.profile, profile);
  for (const { key, value } of tags) {
    checkLength('key', DATASET_LIMITS.tagKey, key);
    checkLength('value', DATASET_LIMITS.tagValue, value);
  }
  const keys = tags.map(({ key }) => key);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) {
    throw TrackingErrors.RequestInvalid(`datasets: dataset '${name}' has the tag '${twice}' twice`);
  }
}

const idOf = ({ name, digest }: Pick<Dataset, 'name' | 'digest'>): string => JSON.stringify([name, digest]);
export const sameDataset = (a: Pick<Dataset, 'name' | 'digest'>, b: Pick<Dataset, 'name' | 'digest'>): boolean =>
  a.name === b.name && a.digest === b.digest;

/** Of several with one name and digest the first. */
export function firstOfEach(given: readonly GivenDataset[]): GivenDataset[] {
  const seen = new Set<string>();
  return given.filter(({ dataset }) => {
    const isNew = !seen.has(idOf(dataset));
    seen.add(idOf(dataset));
    return isNew;
  });
}

/** MLflow's Dataset. */
export const datasetView = ({ name, digest, sourceType, source, schema, profile }: Dataset) => ({
  name,
  digest,
  source_type: sourceType,
  source,
  schema,
  profile,
});
