import { posix } from 'node:path';
import { TrackingErrors } from './errors.ts';

/** MLflow's limits and rules for names and values (mlflow/utils/validation.py, 3.17.2). Lengths are characters as Python counts them. */
export const LIMITS = {
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentName: 500,
  experimentTagValue: 20_000,
  artifactLocation: 2048,
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  entitiesPerBatch: 1000,
  batchBytes: 1_000_000,
} as const;

const SEE = (path: string, value: unknown, why: string) =>
  `Invalid value ${JSON.stringify(value)} for parameter '${path}' supplied: ${why}`;

/** Code points; most texts have no pair of surrogates, so that most lengths are one look. */
const lengthOf = (value: string): number => (/[\ud800-\udbff]/.test(value) ? [...value].length : value.length);

/** @throws RequestInvalid */
export function checkLength(what: string, limit: number, value: string): void {
  if (value.length > limit && lengthOf(value) > limit)
    throw TrackingErrors.RequestInvalid(`'${what}' exceeds the maximum length of ${limit} characters`);
}

/** @throws RequestInvalid */
export function checkMetricName(name: string, at = ''): void {
  checkKey(`${at}name`, name);
  checkLength('Metric name', LIMITS.key, name);
}

/** The value, cut to the limit: clients rely on long values being cut rather than refused. */
export const truncated = (limit: number, value: string): string =>
  value.length <= limit ? value : [...value].slice(0, limit).join('');

/**
 * The name of a metric, param or tag: it may be a path below a folder, and nothing else.
 * @throws RequestInvalid
 */
function checkKey(path: string, name: string): void {
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(name)) {
    throw TrackingErrors.RequestInvalid(
      SEE(
        path,
        name,
        'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
      ),
    );
  }
  const normal = posix.normalize(name);
  if (normal !== name || normal === '.' || normal.startsWith('..') || normal.startsWith('/') || name.endsWith('/')) {
    throw TrackingErrors.RequestInvalid(
      SEE(
        path,
        name,
        `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${normal}'`,
      ),
    );
  }
}

/** @throws RequestInvalid */
export function checkRunId(runId: string): void {
  if (/^[a-zA-Z0-9][\w-]{0,255}$/.test(runId)) return;
  throw TrackingErrors.RequestInvalid(`Invalid value ${JSON.stringify(runId)} for parameter 'run_id' supplied.`);
}

/** @throws RequestInvalid */
export function checkExperimentId(id: string): void {
  if (/^\d{1,18}$/.test(id)) return;
  throw TrackingErrors.RequestInvalid(
    `Invalid experiment ID '${id.slice(0, 100)}'. Experiment ID must be a valid integer.`,
  );
}

export interface KeyValue {
  key: string;
  value: string;
}

/** A param as it is kept. @throws RequestInvalid */
export function paramOf({ key, value }: KeyValue, at = ''): KeyValue {
  checkKey(`${at}key`, key);
  checkLength('Param key', LIMITS.key, key);
  return { key, value: truncated(LIMITS.paramValue, value) };
}

/** A run's tag as it is kept. @throws RequestInvalid */
export function tagOf({ key, value }: KeyValue, at = ''): KeyValue {
  checkKey(`${at}key`, key);
  checkLength(`${at}key`, LIMITS.key, key);
  return { key, value: truncated(LIMITS.tagValue, value) };
}

/** @throws RequestInvalid */
export function checkExperimentTag({ key, value }: KeyValue): void {
  checkKey('key', key);
  checkLength('key', LIMITS.key, key);
  checkLength('value', LIMITS.experimentTagValue, value);
}
