import type { ObjectStore } from '../shared/objects.ts';
import { parseJson } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { specFact } from './applied-spec.ts';
import { TrainingErrors } from './errors.ts';
import type { EvaluationRecord } from './evaluate-model.ts';
import { type GateResult, runGate } from './gate.ts';
import { RUN_FILES, type RunName, readRunFile, settleResult } from './run-files.ts';
import { requireRun } from './run-store.ts';

export interface JudgeDeps {
  table: Table;
  artifacts: ObjectStore;
}

/** Holds the run's evaluation against the gate of its spec, and keeps every check with its evidence. */
export async function judgeModel(
  { table, artifacts }: JudgeDeps,
  { trainedIn, ...run }: RunName & { trainedIn: string },
): Promise<{ passed: boolean; trainedIn: string }> {
  const { spec: digest } = await requireRun(table, run.workspace, run.runId);
  const stored = await specFact(table, run.workspace, digest);
  if (!stored) throw TrainingErrors.SpecMissing(`run ${run.runId}: its spec ${digest} is not in the catalogue`);
  const { evaluation } = await readEvaluation(artifacts, run);
  const gate = await settleResult(artifacts, run, RUN_FILES.gate, runGate(stored.spec.gate, evaluation));
  return { passed: gate.passed, trainedIn };
}

export const readEvaluation = async (artifacts: ObjectStore, run: RunName): Promise<EvaluationRecord> =>
  parseJson<EvaluationRecord>(await readRunFile(artifacts, run, RUN_FILES.evaluation));
export const readGate = async (artifacts: ObjectStore, run: RunName): Promise<GateResult> =>
  parseJson<GateResult>(await readRunFile(artifacts, run, RUN_FILES.gate));
