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

const SEE = (path: string, value: string, why: string) =>
  `Invalid value ${shown(value)} for parameter '${path}' supplied: ${why}`;
/** As far as somebody reads it. */
const shown = (value: string) => JSON.stringify(value.length > 1000 ? `${value.slice(0, 1000)}…` : value);

/** Code points; most texts have no pair of surrogates, so that most lengths are one look. */
const lengthOf = (value: string): number => (/[\ud800-\udbff]/.test(value) ? [...value].length : value.length);

/** @throws RequestInvalid */
export function checkLength(what: string, limit: number, value: string): void {
  if (value.length > limit && lengthOf(value) > limit)
    throw TrackingErrors.RequestInvalid(`'${what}' exceeds the maximum length of ${limit} characters`);
}

/** @throws RequestInvalid */
export function checkMetricName(name: string, at = ''): void {
  checkKey(`${at}name`, 'Metric name', name);
}

/** The value, cut to the limit: clients rely on long values being cut rather than refused. */
export const truncated = (limit: number, value: string): string =>
  value.length <= limit ? value : [...value].slice(0, limit).join('');

/**
 * The name of a metric, param or tag: it may be a path below a folder, and nothing else.
 * @throws RequestInvalid
 */
function checkKey(path: string, what: string, name: string): void {
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(name)) {
    throw TrackingErrors.RequestInvalid(
      SEE(
        path,
        name,
        'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
      ),
    );
  }
  // What is far too long is no path to look at, which takes the square of its length.
  const normal = name.length > 4 * LIMITS.key ? name : posix.normalize(name);
  if (normal !== name || normal === '.' || normal.startsWith('..') || normal.startsWith('/') || name.endsWith('/')) {
    throw TrackingErrors.RequestInvalid(
      SEE(
        path,
        name,
        `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${normal.slice(0, 1000)}'`,
      ),
    );
  }
  checkLength(what, LIMITS.key, name);
}

/** @throws RequestInvalid */
export function checkRunId(runId: string): void {
  if (/^[a-zA-Z0-9][\w-]{0,255}$/.test(runId)) return;
  throw TrackingErrors.RequestInvalid(`Invalid value ${shown(runId)} for parameter 'run_id' supplied.`);
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
  checkKey(`${at}key`, 'Param key', key);
  return { key, value: truncated(LIMITS.paramValue, value) };
}

/** A run's tag as it is kept. @throws RequestInvalid */
export function tagOf({ key, value }: KeyValue, at = ''): KeyValue {
  checkKey(`${at}key`, `${at}key`, key);
  return { key, value: truncated(LIMITS.tagValue, value) };
}

/** @throws RequestInvalid */
export function checkExperimentTag({ key, value }: KeyValue): void {
  checkKey('key', 'key', key);
  checkLength('value', LIMITS.experimentTagValue, value);
}
