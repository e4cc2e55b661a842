import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import {
  asPlatformError,
  describeIssues,
  type ErrorKind,
  errorCatalogue,
  httpStatus,
  mlflowErrorCode,
  PlatformError,
  SharedErrors,
} from '../../lambdas/shared/errors.ts';

describe('a catalogue of errors', () => {
  const Errors = errorCatalogue({ KettleMissing: 'missing', KettleHot: 'conflict' });

  test('gives each error its kind and a literal name that no minifier touches', () => {
    const error = Errors.KettleMissing('kettle: got blue, there is no such kettle');
    expect(error).toBeInstanceOf(PlatformError);
    expect(error).toBeInstanceOf(Error);
    expect({ name: error.name, kind: error.kind }).toEqual({ name: 'KettleMissing', kind: 'missing' });
    expect(String(error)).toBe('KettleMissing: kettle: got blue, there is no such kettle');
  });

  test('keeps the cause', () => {
    const cause = new Error('the wire is cut');
    expect(Errors.KettleHot('hot', { cause }).cause).toBe(cause);
  });

  test('lists its kinds', () => {
    expect(Errors.kinds).toEqual({ KettleMissing: 'missing', KettleHot: 'conflict' });
  });
});

describe('the kinds of errors', () => {
  test.each<[ErrorKind, number, string]>([
    ['invalid', 400, 'INVALID_PARAMETER_VALUE'],
    ['unauthenticated', 401, 'UNAUTHENTICATED'],
    ['denied', 403, 'PERMISSION_DENIED'],
    ['missing', 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['exists', 409, 'RESOURCE_ALREADY_EXISTS'],
    ['conflict', 409, 'RESOURCE_CONFLICT'],
    ['throttled', 429, 'REQUEST_LIMIT_EXCEEDED'],
    ['unavailable', 503, 'TEMPORARILY_UNAVAILABLE'],
    ['unexpected', 500, 'INTERNAL_ERROR'],
  ])('%s is HTTP %i and MLflow %s', (kind, status, code) => {
    expect(httpStatus(new PlatformError(kind, 'Any', 'any'))).toBe(status);
    expect(mlflowErrorCode(kind)).toBe(code);
  });

  test('a body over the limit has a status of its own', () => {
    expect(httpStatus(SharedErrors.BodyTooLarge('body: too large'))).toBe(413);
  });
});

describe('anything thrown', () => {
  test('that is a platform error stays itself', () => {
    const error = SharedErrors.InvalidInput('no');
    expect(asPlatformError(error)).toBe(error);
  });

  test.each([
    [new TypeError('x is not a function'), 'x is not a function'],
    ['just text', 'just text'],
    [undefined, 'undefined'],
  ])('that is %p becomes unexpected, with its cause', (thrown, message) => {
    const error = asPlatformError(thrown);
    expect(error).toMatchObject({ name: 'Unexpected', kind: 'unexpected', message });
    expect(error.cause).toBe(thrown);
  });
});

describe('what zod refuses', () => {
  const Schema = z.strictObject({ rows: z.int().positive(), split: z.strictObject({ by: z.string() }) });
  const refused = (value: unknown) => {
    const parsed = Schema.safeParse(value);
    if (parsed.success) throw new Error('was taken');
    return describeIssues(parsed.error, value);
  };

  test('is told with path, value and rule', () => {
    expect(refused({ rows: -1, split: { by: 'date' } })).toBe('rows: got -1, expected number to be >0');
    expect(refused({ rows: 1, split: { by: 7 } })).toMatch(/^split\.by: got 7, /);
    expect(refused({ rows: 1 })).toMatch(/^split: got nothing, /);
    expect(refused('text')).toMatch(/^input: got "text", /);
  });

  test('is told in full, one part for each field', () => {
    expect(refused({ rows: 0, split: {} }).split('; ')).toHaveLength(2);
  });

  test('names an unknown key', () => {
    expect(refused({ rows: 1, split: { by: 'date', how: 'random' } })).toContain('"how"');
  });

  test('is cut when it is long', () => {
    const line = refused({ rows: 'x'.repeat(10_000), split: { by: 'date' } });
    expect(line.length).toBeLessThan(200);
    expect(line).toContain('...');
  });
});
