import { moveTo } from './alias-target.ts';
import { ServingErrors } from './errors.ts';
import { settingsFor, sharedSteps } from './rollout-settings.ts';
import { type Attempt, type RolloutDeps, requireTurn, saveRollout, turnOf } from './turn.ts';

/** An execution that dies is given its endpoint again this often; then the rollout is recorded as failed. */
const MAX_ATTEMPTS = 3;

/**
 * Notes where the alias points, so that any end but success can put it back exactly there; a later attempt first does
 * that. Gives how many shares of traffic to go through: none where there is no published version to share with.
 *
 * @throws RolloutGivenUp @throws RolloutSuperseded @throws RolloutStopped @throws AliasForeign @throws AliasMoved
 */
export async function beginRollout(deps: RolloutDeps, attempt: Attempt): Promise<{ shares: number }> {
  const { functionName } = (await turnOf(deps, attempt)).endpoint;
  const alias = await deps.functions.alias(functionName);
  const { fact } = await requireTurn(deps, attempt);
  const before = fact.before ?? { functionVersion: alias.functionVersion, weights: alias.weights };
  await moveTo(deps.functions, functionName, fact, alias, before);
  if (attempt.attempt > MAX_ATTEMPTS) {
    throw ServingErrors.RolloutGivenUp(`its execution died ${MAX_ATTEMPTS} times`);
  }
  const settings = fact.settings ?? (await settingsFor(deps.table, attempt.workspace, fact.model));
  await saveRollout(deps.table, attempt.workspace, { ...fact, settings, before, steps: [] });
  return { shares: before.functionVersion === '$LATEST' ? 0 : sharedSteps(settings).length };
}
