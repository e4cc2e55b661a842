/** What a caller can do about an error. Transports map kinds; Step Functions matches names. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'denied'
  | 'missing'
  | 'exists'
  | 'conflict'
  | 'throttled'
  | 'unavailable'
  | 'unexpected';

/** An error of the platform: a kind for transports, a literal name for workflows, docs and people. */
export class PlatformError extends Error {
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    // A literal, never derived from the class: minified code renames classes.
    this.name = name;
  }
}

type Raise = (message: string, options?: ErrorOptions) => PlatformError;
export type ErrorCatalogue<Names extends string> = { readonly [Name in Names]: Raise } & {
  readonly kinds: Record<Names, ErrorKind>;
};

/**
 * One domain's errors: `errorCatalogue({ ModelMissing: 'missing' })` gives `ModelMissing(message, { cause })`
 * and `kinds`, the table that docs/errors.md is tested against.
 */
export function errorCatalogue<const Kinds extends Record<string, ErrorKind>>(
  kinds: Kinds,
): ErrorCatalogue<keyof Kinds & string> {
  const raisers = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      (message: string, options?: ErrorOptions) => new PlatformError(kind, name, message, options),
    ]),
  );
  return { ...raisers, kinds } as unknown as ErrorCatalogue<keyof Kinds & string>;
}

/** Errors that any part can raise. */
export const SharedErrors = errorCatalogue({
  InvalidInput: 'invalid',
  BodyTooLarge: 'invalid',
  AnswerTooLarge: 'invalid',
  TokenMissing: 'unauthenticated',
  TokenExpired: 'unauthenticated',
  TokenRevoked: 'unauthenticated',
  SessionEnded: 'unauthenticated',
  OriginRefused: 'denied',
  PrincipalUnknown: 'denied',
  RoleMissing: 'denied',
  WorkspaceDenied: 'denied',
  RouteMissing: 'missing',
  ServiceThrottled: 'throttled',
  ServiceUnavailable: 'unavailable',
  ConfigurationInvalid: 'unexpected',
  Unexpected: 'unexpected',
});

const OWN_FAULTS: readonly ErrorKind[] = ['throttled', 'unavailable', 'unexpected'];
/** Whether the platform, and not its caller, has to do something about it. */
export const isOwnFault = ({ kind }: PlatformError): boolean => OWN_FAULTS.includes(kind);

const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  denied: 403,
  missing: 404,
  exists: 409,
  conflict: 409,
  throttled: 429,
  unavailable: 503,
  unexpected: 500,
};

/** MLflow's `error_code` for a kind (mlflow/protos/databricks.proto). */
const ERROR_CODE: Record<ErrorKind, string> = {
  invalid: 'INVALID_PARAMETER_VALUE',
  unauthenticated: 'UNAUTHENTICATED',
  denied: 'PERMISSION_DENIED',
  missing: 'RESOURCE_DOES_NOT_EXIST',
  exists: 'RESOURCE_ALREADY_EXISTS',
  conflict: 'RESOURCE_CONFLICT',
  throttled: 'REQUEST_LIMIT_EXCEEDED',
  unavailable: 'TEMPORARILY_UNAVAILABLE',
  unexpected: 'INTERNAL_ERROR',
};

export const httpStatus = (error: PlatformError): number => (error.name === 'BodyTooLarge' ? 413 : STATUS[error.kind]);
export const mlflowErrorCode = (kind: ErrorKind): string => ERROR_CODE[kind];

/** Any thrown value as a platform error; what is unknown stays `unexpected` and keeps its cause. */
export function asPlatformError(thrown: unknown): PlatformError {
  if (thrown instanceof PlatformError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return SharedErrors.Unexpected(message, { cause: thrown });
}

/** The part of zod's error that `invalidInput` reads. */
interface Issues {
  issues: readonly { path: readonly PropertyKey[]; message: string; input?: unknown }[];
}

/** A zod failure as one line a field: path, what came, what was expected. */
export function describeIssues(error: Issues, root: unknown): string {
  return error.issues
    .map(({ path, message }) => {
      const got = path.reduce<unknown>(
        (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
        root,
      );
      const shown = JSON.stringify(got) ?? 'nothing';
      return `${path.map(String).join('.') || 'input'}: got ${shown.length > 80 ? `${shown.slice(0, 77)}...` : shown}, ${expectation(message)}`;
    })
    .join('; ');
}

/** zod's message without what stands before it already: what came. */
function expectation(message: string): string {
  const text = message.replace(/^(Invalid \w+|Too small|Too big): (?=expected)/, '').replace(/, received .*$/, '');
  return text.charAt(0).toLowerCase() + text.slice(1);
}
