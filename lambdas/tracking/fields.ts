import { TrackingErrors } from './errors.ts';

/**
 * The fields of one request message, read as protobuf's JSON mapping reads them (an int64 may come as text, NaN as
 * "NaN", null is nothing) and refused in MLflow's words. `path` is where the value stands: `metrics[0].timestamp`.
 */
export interface Field<T> {
  read(value: unknown, path: string): T;
  readonly isList: boolean;
}
export type Fields = Readonly<Record<string, Field<unknown>>>;
/** What is undefined may be left out when a test or another domain builds one. */
export type Message<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };

const field = <T>(read: (value: unknown, path: string) => T, isList = false): Field<T> => ({ read, isList });

/** A field that may be missing. */
const optional = <T>(read: (value: unknown, path: string) => T) =>
  field((value, path) => (value === undefined || value === null ? undefined : read(value, path)));

export const text = () => optional((value, path) => (typeof value === 'string' ? value : refuse(value, path)));
export const bool = () =>
  optional((value, path) => {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    return refuse(value, path);
  });

/** A whole number that a double holds: sizes of pages, versions. */
export const int = () => optional((value, path) => Number(readInt64(value, path)));
export const int64 = () => optional(readInt64);

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

function readInt64(value: unknown, path: string): bigint {
  const isWhole =
    typeof value === 'bigint' ||
    Number.isInteger(value) ||
    (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value));
  const whole = isWhole ? BigInt(value as bigint) : refuse(value, path);
  return whole >= LOWEST && whole <= HIGHEST ? whole : refuse(value, path);
}

/** A double; infinities are kept as the largest one that is finite. */
export const double = () =>
  optional((value, path) => {
    const isNumber = typeof value === 'number' || typeof value === 'bigint';
    const isText =
      typeof value === 'string' && (NOT_FINITE.test(value) || (value.trim() !== '' && !Number.isNaN(Number(value))));
    if (!isNumber && !isText) return refuse(value, path);
    const number = Number(typeof value === 'string' ? value.replace(/^([+-]?)inf(inity)?$/i, '$1Infinity') : value);
    return Math.min(Math.max(number, -Number.MAX_VALUE), Number.MAX_VALUE);
  });
const NOT_FINITE = /^(nan|[+-]?inf(inity)?)$/i;

/** Values that must be among these; protobuf takes the position in the list too. */
export const oneOf = <const Names extends readonly string[]>(names: Names, first = 1) =>
  optional((value, path): Names[number] => {
    if (typeof value === 'string' && names.includes(value)) return value;
    const named = typeof value === 'number' ? names[value - first] : undefined;
    return named ?? refuse(value, path);
  });

export const list = <T>(of: Field<T>): Field<T[]> =>
  field((value, path) => {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) return refuse(value, path);
    return value.map((each, i) => of.read(each, `${path}[${i}]`));
  }, true);

export const message = <const F extends Fields>(fields: F): Field<Message<F>> =>
  field((value, path) => {
    if (value === undefined || value === null) return missing(path);
    if (typeof value !== 'object' || Array.isArray(value)) return refuse(value, path);
    return readFields(fields, value as Record<string, unknown>, `${path}.`);
  });

export const required = <T>({ read }: Field<T | undefined>): Field<T> =>
  field((value, path) => {
    const found = value === '' ? undefined : read(value, path);
    return found === undefined ? missing(path) : found;
  });

/** A list that is not empty. */
export const some = <T>({ read }: Field<T[]>): Field<T[]> =>
  field((value, path) => {
    const found = read(value, path);
    return found.length === 0 ? missing(path) : found;
  }, true);

function missing(path: string): never {
  throw TrackingErrors.RequestInvalid(`Missing value for required parameter '${path}'.${SEE_DOCS}`);
}

export function readFields<const F extends Fields>(fields: F, raw: Record<string, unknown>, at = ''): Message<F> {
  const found = Object.entries(fields).map(([name, { read }]) => {
    // Two names of one thing, both in use.
    const value = name === 'run_id' ? (raw['run_id'] ?? raw['run_uuid']) : raw[name];
    return [name, read(value, `${at}${name}`)];
  });
  return Object.fromEntries(found) as Message<F>;
}

const SEE_DOCS = ' See the API docs for more information about request parameters.';

function refuse(value: unknown, path: string): never {
  const shown = JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
  throw TrackingErrors.RequestInvalid(
    `Invalid value ${shown.slice(0, 500)} for parameter '${path}' supplied:  Hint: Value was of type '${typeName(value)}'.${SEE_DOCS}`,
  );
}

/** As clients' languages call it. */
function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return { string: 'str', boolean: 'bool', bigint: 'int' }[typeof value as string] ?? 'dict';
}
