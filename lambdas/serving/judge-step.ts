import { ServingErrors } from './errors.ts';
import { judge, nextLookSeconds, type StepEvidence, wantsReplay } from './judge.ts';
import { goldenResult } from './run-golden.ts';
import { begun, type StepInput } from './shift-traffic.ts';
import { type RolloutDeps, requireTurn, saveRollout } from './turn.ts';
import { readWindows } from './window-store.ts';

/**
 * Judges a step by the two versions' windows since it began.
 * @throws StepRolledBack when the candidate is to be taken back @throws RolloutSuperseded @throws RolloutStopped
 */
export async function judgeStep(
  deps: RolloutDeps,
  input: StepInput,
): Promise<{ decision: 'proceed' | 'hold'; waitSeconds: number }> {
  const turn = await requireTurn(deps, input);
  const { fact } = turn;
  const { before, candidate, settings } = begun(fact);
  if (before.functionVersion === candidate.functionVersion) return { decision: 'proceed', waitSeconds: 0 };
  const step = fact.steps[input.step];
  if (!step) throw ServingErrors.FunctionFailed(`step: got ${input.step}, it has not begun`);
  const at = deps.clock().toISOString();
  const statsOf = (functionVersion: string) =>
    readWindows(deps.windows, input.workspace, fact.endpoint, functionVersion, step.from, at);
  const [live, next] = await Promise.all([statsOf(before.functionVersion), statsOf(candidate.functionVersion)]);
  const evidence: StepEvidence = {
    settings,
    weight: step.weight,
    elapsed: (Date.parse(at) - Date.parse(step.from)) / 1000,
    live: { functionVersion: before.functionVersion, stats: live },
    candidate: { functionVersion: candidate.functionVersion, stats: next },
  };
  const replay = wantsReplay(evidence) ? await goldenResult(deps, input.workspace, turn) : undefined;
  const verdict = { ...judge({ ...evidence, replay }), at };
  const steps = fact.steps.map((each, i) => (i === input.step ? { ...step, verdict } : each));
  await saveRollout(deps.table, input.workspace, { ...fact, steps });
  const { decision, reason } = verdict;
  if (decision === 'roll-back') throw ServingErrors.StepRolledBack(`at ${step.weight} %: ${reason}`);
  return { decision, waitSeconds: decision === 'hold' ? nextLookSeconds(settings, evidence.elapsed) : 0 };
}
