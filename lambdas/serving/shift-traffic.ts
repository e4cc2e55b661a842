import { moveTo } from './alias-target.ts';
import { changeEndpoint } from './change-endpoint.ts';
import { ServingErrors } from './errors.ts';
import { firstLookSeconds } from './judge.ts';
import { type AliasTarget, type RolloutFact, rolloutItem } from './rollout.ts';
import { sharedSteps } from './rollout-settings.ts';
import { type Attempt, hasTurn, type RolloutDeps, requireTurn, turnOf } from './turn.ts';

export interface StepInput extends Attempt {
  /** Position among the shares below 100 %. */
  step: number;
}

/**
 * Sends a step's share of the traffic to the candidate, the rest where it went before. The step is on record before
 * the first request can reach the candidate.
 *
 * @throws AliasMoved @throws AliasForeign @throws RolloutSuperseded @throws RolloutStopped
 */
export async function shiftTraffic(deps: RolloutDeps, input: StepInput): Promise<{ waitSeconds: number }> {
  const { functionName } = (await turnOf(deps, input)).endpoint;
  const alias = await deps.functions.alias(functionName);
  const { endpoint, fact } = await requireTurn(deps, input);
  const { before, candidate, settings } = begun(fact);
  const weight = sharedSteps(settings)[input.step];
  if (weight === undefined) throw ServingErrors.FunctionFailed(`step: got ${input.step}, the rollout has no such step`);
  // Nothing was published: what runs already is the candidate, and a version shares no traffic with itself.
  if (before.functionVersion === candidate.functionVersion) return { waitSeconds: 0 };
  const step = fact.steps[input.step] ?? { weight, from: deps.clock().toISOString() };
  await changeEndpoint(deps.table, endpoint, async (state) => {
    if (!hasTurn({ endpoint, state, fact }, input)) {
      throw ServingErrors.RolloutSuperseded(`rollout ${fact.id}: attempt ${input.attempt} no longer has its endpoint`);
    }
    const steps = [...fact.steps.slice(0, input.step), step];
    return {
      next: { ...state, candidate: { ...candidate, weight } },
      facts: [
        {
          put: rolloutItem(input.workspace, { ...fact, steps }),
          when: { equals: { status: 'running', attempt: fact.attempt } },
        },
      ],
    };
  });
  const target: AliasTarget = {
    functionVersion: before.functionVersion,
    weights: { [candidate.functionVersion]: weight / 100 },
  };
  await moveTo(deps.functions, functionName, fact, alias, target);
  return { waitSeconds: firstLookSeconds(settings) };
}

/** A rollout behind its first two steps, which note the alias and publish the candidate. */
export function begun(fact: RolloutFact): Required<Pick<RolloutFact, 'before' | 'candidate' | 'settings'>> {
  const { before, candidate, settings } = fact;
  if (before && candidate && settings) return { before, candidate, settings };
  throw ServingErrors.FunctionFailed(`rollout ${fact.id}: has no candidate yet`);
}
