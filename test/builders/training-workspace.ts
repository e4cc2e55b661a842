import { currentDatasetSpec } from '../../lambdas/data/contract.ts';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { commit } from '../../lambdas/lineage/contract.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import type { Item, Table } from '../../lambdas/shared/table.ts';
import { applySpec } from '../../lambdas/training/apply-spec.ts';
import { type RunWish, startRun } from '../../lambdas/training/start-run.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { trainingExecutions } from '../fakes/training-executions.ts';
import { weatherSpecText } from './dataset.ts';
import { aTracking } from './tracking.ts';
import { rainSpecText } from './training-spec.ts';

export const AT = '2026-01-05T09:00:00.000Z';

/** A workspace of its own on any table, with dataset `weather` and no rows in it. */
export async function aTrainingWorkspace(table: Table) {
  const workspace = `w${newId()}`;
  const executions = trainingExecutions();
  let seconds = 0;
  // Each look at the clock is a second later, so that what happens later is later.
  const clock = () => new Date(Date.parse(AT) + 1000 * seconds++);
  const deps = {
    table,
    runs: aTracking(() => new Date(AT)).runs,
    artifacts: memoryObjects('artifacts'),
    datasetSpec: currentDatasetSpec,
    clock,
    executions,
  };
  await createDataset(table, { workspace, dataset: 'weather', text: weatherSpecText(), actor: 'token-1', at: AT });
  const origin = { model: 'rain', commit: 'abcdef1', dirty: false, files: {}, actor: 'token-1' };
  return {
    workspace,
    deps,
    executions,
    apply: (text = rainSpecText(), given: Partial<Parameters<typeof applySpec>[1]> = {}) =>
      applySpec(deps, { ...origin, workspace, text, ...given }),
    start: (wish: Partial<RunWish> = {}) =>
      startRun(deps, { workspace, model: 'rain', dedupe: 'first', reason: 'asked for', actor: 'token-1', ...wish }),
    /** A version of `weather` as the data domain registers it, as far as the start of a training looks. */
    async land(number: number) {
      const version = digestOf(`version ${number}`);
      const keys = { manifestKey: 'm', profileKey: 'p' };
      const fact = { dataset: 'weather', version, number, spec: digestOf('spec'), rows: 1, ...keys, registeredAt: AT };
      const rows = [
        { pk: `${workspace}#dataset-version#weather/${version}`, sk: 'fact' },
        { pk: `${workspace}#dataset#weather`, sk: `version#${String(number).padStart(12, '0')}` },
      ];
      await commit(table, { facts: rows.map((key) => ({ put: { ...key, ...fact } as Item })) });
      return version;
    },
  };
}
export type TrainingWorkspace = Awaited<ReturnType<typeof aTrainingWorkspace>>;
