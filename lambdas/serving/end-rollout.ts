import { moveTo } from './alias-target.ts';
import { changeEndpoint } from './change-endpoint.ts';
import type { RolloutFact } from './rollout.ts';
import { type Ending, rolloutEnd } from './rollout-end.ts';
import { type Attempt, hasTurn, type RolloutDeps, stopReason, turnOf } from './turn.ts';

/** Why a step did not go on, as the state machine saw it. */
export interface Failure {
  /** The error's literal name. */
  error: string;
  /** Its message, or Lambda's JSON around it. */
  cause: string;
}

/** What an error's name says of the rollout; every other one is the platform's own failure. */
const STATUS_OF: Readonly<Record<string, Ending['status']>> = {
  RolloutSuperseded: 'superseded',
  RolloutStopped: 'rolled-back',
  StepRolledBack: 'rolled-back',
  GoldenFailed: 'refused',
  GoldenUnreadable: 'refused',
  BundleMissing: 'refused',
  BundleTampered: 'refused',
  BundleSignatureInvalid: 'refused',
  BundleManifestInvalid: 'refused',
};

/**
 * Ends an attempt that did not go live: the alias is exactly what it was before, the reason is on record, and the
 * endpoint is free for whoever waits. An attempt that has lost its turn ends nothing.
 *
 * @throws AliasMoved when the alias moved just now
 */
export async function endRollout(deps: RolloutDeps, attempt: Attempt, failure: Failure): Promise<{ status: string }> {
  const { endpoint } = await turnOf(deps, attempt);
  // The alias first, then the turn: an attempt that lost it meanwhile holds an old revision and moves nothing.
  const alias = await deps.functions.alias(endpoint.functionName);
  const turn = await turnOf(deps, attempt);
  if (!hasTurn(turn, attempt)) return { status: turn.fact.status };
  if (turn.fact.before && failure.error !== 'AliasForeign') {
    await moveTo(deps.functions, endpoint.functionName, turn.fact, alias, turn.fact.before);
  }
  await changeEndpoint(deps.table, endpoint, async (current) => {
    const now = { ...(await turnOf(deps, attempt)), state: current };
    if (!hasTurn(now, attempt)) return undefined;
    const { stop } = current.running ?? {};
    const ending: Ending = stop
      ? { status: 'rolled-back', reason: stopReason(stop), at: deps.clock().toISOString() }
      : { ...endingOf(now.fact, failure), at: deps.clock().toISOString() };
    return rolloutEnd(endpoint, current, now.fact, ending);
  });
  return { status: (await turnOf(deps, attempt)).fact.status };
}

function endingOf({ steps }: RolloutFact, { error, cause }: Failure): Omit<Ending, 'at'> {
  const known = Object.hasOwn(STATUS_OF, error) ? STATUS_OF[error] : undefined;
  const reason = messageOf(cause) || error;
  // A bundle that fails once it has traffic is taken back, not refused.
  if (known === 'refused' && steps.length > 0) return { status: 'rolled-back', reason };
  return known ? { status: known, reason } : { status: 'failed', reason: `${error}: ${reason}` };
}

/** The message inside what Step Functions gives as a cause: Lambda's error object as JSON, or plain text. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    if (typeof errorMessage === 'string') return errorMessage.slice(0, 400);
  } catch {
    // Not from a function: a timeout says it in plain text.
  }
  return cause.slice(0, 400);
}
