import type { PackedItem } from '../shared/table.ts';
import type { Experiment } from './experiment.ts';
import { latestOf } from './metric-store.ts';
import { metricView, pairsOf, type Run, runInfoView } from './run.ts';

/** MLflow's Run, of a run's document and the items of its latest metrics. */
export const runView = (
  run: Run,
  experiment: Pick<Experiment, 'stage' | 'era'>,
  items: readonly PackedItem[],
  datasetInputs: readonly object[] = [],
) => ({
  info: runInfoView(run, experiment),
  data: { metrics: latestOf(items).map(metricView), params: pairsOf(run.params), tags: pairsOf(run.tags) },
  inputs: {
    dataset_inputs: datasetInputs,
    model_inputs: run.modelInputs.map((model_id) => ({ model_id })),
  },
  outputs: { model_outputs: run.modelOutputs.map(({ modelId, step }) => ({ model_id: modelId, step })) },
});
