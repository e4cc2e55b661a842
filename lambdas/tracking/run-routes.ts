import { changeActiveRun, experimentOfRun } from './active-run.ts';
import { TrackingErrors } from './errors.ts';
import { type Experiment, requireActive } from './experiment.ts';
import { findExperiment, requireExperiment } from './experiment-store.ts';
import { int64, list, message, oneOf, required, text } from './fields.ts';
import { routesOf } from './mlflow-route.ts';
import { checkExperimentId, checkRunId, type KeyValue, paramOf, tagOf } from './names.ts';
import {
  merged,
  RUN_NAME_TAG,
  RUN_STATUSES,
  type Run,
  runInfoView,
  tagRemoval,
  withName,
  withParams,
  withTags,
} from './run.ts';
import { changeRun, putNewRun, requireRun } from './run-store.ts';
import { runView } from './run-view.ts';
import type { TrackingDeps } from './tracking-deps.ts';

const route = routesOf<TrackingDeps>();
const tags = list(message({ key: required(text()), value: text() }));
const pair = ({ key, value = '' }: { key: string; value: string | undefined }): KeyValue => ({ key, value });

/** Params and tags with an empty value are as good as any; a missing one is empty. */
export const runRoutes = [
  route({
    method: 'POST',
    path: '/mlflow/runs/create',
    access: 'write',
    input: { experiment_id: text(), user_id: text(), run_name: text(), start_time: int64(), tags },
    async run(deps, input, { workspace }) {
      const experimentId = input.experiment_id || '0';
      checkExperimentId(experimentId);
      const runId = deps.newRunId();
      const given = input.tags.map((tag, i) => tagOf(pair(tag), `tags[${i}].`));
      const experiment = await requireExperiment(deps, workspace, experimentId);
      requireActive(experiment);
      const run = newRun(deps, experiment, runId, { ...input, tags: given });
      await putNewRun(deps, workspace, run);
      return { run: runView(run, experiment, []) };
    },
  }),
  route({
    method: 'GET',
    path: '/mlflow/runs/get',
    access: 'read',
    input: { run_id: required(text()) },
    async run({ table, datasets, announce }, { run_id: runId }, { workspace }) {
      checkRunId(runId);
      const known = announce.experimentOf(workspace, runId);
      const [{ run, items }, early] = await Promise.all([
        requireRun(table, workspace, runId),
        known === undefined ? undefined : findExperiment(table, workspace, known),
      ]);
      const [experiment, [inputs]] = await Promise.all([
        early ?? experimentOfRun(table, workspace, run),
        datasets.inputsOf(workspace, [run]),
      ]);
      return { run: runView(run, experiment, items, inputs) };
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/runs/update',
    access: 'write',
    input: {
      run_id: required(text()),
      status: oneOf(RUN_STATUSES),
      end_time: int64(),
      run_name: text(),
    },
    async run(deps, { run_id: runId, status, end_time: endTime, run_name: name }, { workspace }) {
      const { run, experiment } = await changeActiveRun(deps, workspace, runId, (before) => {
        const named = name ? withName(before, name) : before;
        return { ...named, ...(status && { status }), ...(endTime !== undefined && { endTime }) };
      });
      return { run_info: runInfoView(run, experiment) };
    },
  }),
  ...(['delete', 'restore'] as const).map((verb) =>
    route({
      method: 'POST',
      path: `/mlflow/runs/${verb}`,
      access: 'write',
      input: { run_id: required(text()) },
      async run(deps, { run_id: runId }, { workspace }) {
        checkRunId(runId);
        const { run } = await requireRun(deps.table, workspace, runId);
        const { era } = await experimentOfRun(deps.table, workspace, run);
        await deps.announce(workspace, run.experimentId, runId);
        const stage = verb === 'delete' ? 'deleted' : 'active';
        await changeRun(deps.table, workspace, runId, (before) => ({ ...before, stage, era }));
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/mlflow/runs/log-parameter',
    access: 'write',
    input: { run_id: required(text()), key: required(text()), value: text() },
    async run(deps, { run_id: runId, key, value = '' }, { workspace }) {
      const param = paramOf({ key, value });
      await changeActiveRun(deps, workspace, runId, (run) => withParams(run, [param], true));
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/runs/set-tag',
    access: 'write',
    input: { run_id: required(text()), key: required(text()), value: text() },
    async run(deps, { run_id: runId, key, value = '' }, { workspace }) {
      const tag = tagOf({ key, value });
      await changeActiveRun(deps, workspace, runId, (run) => withTags(run, [tag]));
    },
  }),
  route({
    method: 'POST',
    path: '/mlflow/runs/delete-tag',
    access: 'write',
    input: { run_id: required(text()), key: required(text()) },
    async run(deps, { run_id: runId, key }, { workspace }) {
      const removed = tagRemoval(key, `No tag with name: ${key} in run with id ${runId}`);
      await changeActiveRun(deps, workspace, runId, removed);
    },
  }),
];

interface NewRun {
  user_id: string | undefined;
  run_name: string | undefined;
  start_time: bigint | number | undefined;
  tags: readonly KeyValue[];
}

function newRun(deps: TrackingDeps, experiment: Experiment, runId: string, wish: NewRun): Run {
  const tagged = wish.tags.findLast(({ key }) => key === RUN_NAME_TAG)?.value;
  if (wish.run_name && tagged && wish.run_name !== tagged) {
    throw TrackingErrors.RequestInvalid(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${wish.run_name}', mlflow.runName='${tagged}').`,
    );
  }
  const name = wish.run_name || tagged || deps.newRunName();
  return {
    runId,
    experimentId: experiment.id,
    name,
    userId: wish.user_id ?? '',
    status: 'RUNNING',
    startTime: wish.start_time ?? 0,
    artifactUri: `${experiment.artifactLocation.replace(/\/+$/, '')}/${runId}/artifacts`,
    stage: 'active',
    era: experiment.era,
    params: {},
    tags: merged({}, [...wish.tags, { key: RUN_NAME_TAG, value: name }]),
    datasets: [],
    modelInputs: [],
    modelOutputs: [],
  };
}
