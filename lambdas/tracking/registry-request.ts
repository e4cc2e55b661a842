import { checkModelName } from '../registry/contract.ts';
import type { Caller } from '../shared/caller.ts';
import { asPlatformError } from '../shared/errors.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet } from '../shared/table.ts';
import { TrackingErrors } from './errors.ts';
import type { RegistryDeps } from './registry-deps.ts';

/** How a change of a model is signed. */
export const byName = ({ clock }: RegistryDeps, workspace: string, model: string, { tokenId }: Caller) => ({
  workspace,
  model,
  actor: tokenId,
  at: clock().toISOString(),
});

export const byVersion = (workspace: string, model: string, version: string) => ({
  workspace,
  model,
  version: versionNumber(model, version),
});

/** A version as clients write it. @throws RequestInvalid */
export function versionNumber(model: string, version: string): number {
  checkModelName(model);
  if (!/^\s*[+-]?\d+\s*$/.test(version)) {
    throw TrackingErrors.RequestInvalid(`Parameter 'version' must be an integer, got '${version.slice(0, 100)}'.`);
  }
  return Number(version);
}

/** Where a key stands twice, its last value is the one. @throws RequestInvalid */
export function tagsGiven(tags: readonly { key?: string; value?: string }[]): Record<string, string> {
  return Object.fromEntries(
    tags.map(({ key, value = '' }, i) => {
      if (key) return [key, value];
      throw TrackingErrors.RequestInvalid(`Missing value for required parameter 'tags[${i}].key'.`);
    }),
  );
}

/**
 * A call that makes something under a token is made again where its answer was lost: a client that is told of a
 * failure asks again with another token, and would have the thing twice.
 */
export const answered = <T>(call: () => Promise<T>, options: RetryOptions = {}): Promise<T> =>
  retrying(call, mayHaveHappened, { attempts: 8, baseMs: 50, maxMs: 1000, ...options });

/** What the platform did not say itself came from below: a lost connection, a service that failed. */
const mayHaveHappened = (error: unknown): boolean =>
  !(error instanceof ConditionUnmet) &&
  ['unexpected', 'unavailable', 'throttled'].includes(asPlatformError(error).kind);
