import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DataRoutes } from '../../lambdas/data/contract.ts';
import { LineageRoutes } from '../../lambdas/lineage/contract.ts';
import { driftAlarmName, MonitoringRoutes } from '../../lambdas/monitoring/contract.ts';
import { RegistryRoutes } from '../../lambdas/registry/contract.ts';
import { ServingRoutes } from '../../lambdas/serving/contract.ts';
import { TrainingRoutes } from '../../lambdas/training/contract.ts';
import type { ApiClient } from '../client/api-client.ts';
import { ingested, putFile } from '../client/uploads.ts';
import { checkDrift, drawReport } from '../commands/drift.ts';
import { describeRollout, rolledOut } from '../commands/endpoint.ts';
import { applySpec, describeRun, trained } from '../commands/model.ts';
import { awsClients } from '../local/aws-clients.ts';
import type { LocalCloud } from '../local/cloud.ts';
import { paint } from '../terminal.ts';
import { waitFor } from '../wait.ts';
import type { Figures } from './station.ts';
import { type Answer, liveTraffic, type ModelMetadata, modelMetadata, replay } from './traffic.ts';
import { asCsv, type Day, daysOf } from './weather.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/weather');
const DATASET = 'weather';
const MODEL = 'rain';
const ENDPOINT = 'rain';

/** What the stations hand on to each other. */
export interface Tour {
  api: ApiClient;
  days: readonly Day[];
  signal: AbortSignal;
  cloud: Pick<LocalCloud, 'endpoint'>;
  metadata?: ModelMetadata;
  lastAnswer?: Answer;
}

type Say = (text: string) => void;
const quiet = () => {};

/** A city's file lands in the raw zone; the object's arrival starts its ingestion. */
export async function ingest({ api, days, signal }: Tour, say: Say, city: string): Promise<Figures> {
  await api.call(DataRoutes.createDataset, {
    dataset: DATASET,
    spec: await readFile(join(EXAMPLE, 'weather.yaml'), 'utf8'),
  });
  const file = `${city.toLowerCase().replace(' ', '-')}.csv`;
  const bytes = Buffer.from(asCsv(daysOf(days, city, '2012-01-01', '2015-12-31')));
  const uploadId = await putFile(api, DATASET, { fileName: file, bytes: bytes.length, body: () => bytes });
  await ingested(api, DATASET, uploadId, quiet, signal);
  const { latest } = await api.call(DataRoutes.showDataset, { dataset: DATASET });
  if (!latest) throw new Error(`dataset ${DATASET} has no version after the ingestion of ${file}`);
  const { manifest } = await api.call(DataRoutes.showVersion, { dataset: DATASET, version: latest.version });
  const rowsOf = (split: string) =>
    manifest.files.filter((each) => each.split === split).reduce((sum, each) => sum + each.rows, 0);
  say(
    `${file}: typed, checked, written as Parquet; ${rowsOf('train')} days of ${DATASET} to learn from (2012–2014), ${rowsOf('test')} held out (2015)`,
  );
  say(`dataset version ${latest.number}  ${paint('dim', latest.version)}`);
  return { version: latest.version, number: latest.number, trainRows: rowsOf('train'), testRows: rowsOf('test') };
}

/** The spec is applied, the model trained and judged; only what passes its gate is registered. */
export async function train({ api, signal }: Tour, say: Say): Promise<Figures> {
  const { digest, commit, dirty } = await applySpec(api, join(EXAMPLE, 'model.yaml'));
  say(`spec ${paint('dim', digest)} at commit ${commit.slice(0, 12)}${dirty ? ' with changes beside it' : ''}`);
  const { runId } = await api.call(TrainingRoutes.startTraining, {
    model: MODEL,
    dedupe: 'demo',
    reason: 'the demo',
  });
  return runFigures(await trained(api, runId, quiet, signal), say);
}

function runFigures(run: Awaited<ReturnType<typeof trained>>, say: Say): Figures {
  say(describeRun(run));
  if (run.status !== 'succeeded') throw new Error(`run ${run.runId} was ${run.status}: no version came of it`);
  return {
    run: run.runId,
    version: run.version,
    metrics: run.metrics,
    gate: run.gate?.checks.map(({ name, passed, observed }) => ({ name, passed, observed })),
    datasetVersion: run.datasetVersion,
  };
}

/** People choose the champion; its rollout goes golden set, shares of traffic, everything. */
export async function rollOut(tour: Tour, say: Say, version: number): Promise<Figures> {
  const { api, signal } = tour;
  const known = new Set(
    (await api.call(ServingRoutes.listRollouts, { endpoint: ENDPOINT })).rollouts.map(({ id }) => id),
  );
  const traffic =
    tour.metadata &&
    liveTraffic(api, ENDPOINT, tour.metadata, [
      ...daysOf(tour.days, 'Seattle', '2015-01-01', '2015-12-31'),
      ...daysOf(tour.days, 'New York', '2015-01-01', '2015-12-31'),
    ]);
  try {
    await api.call(RegistryRoutes.setAlias, { model: MODEL, alias: 'champion', version });
    say(`champion is version ${version}: its people want it live`);
    const asked = await waitFor(
      async () =>
        (await api.call(ServingRoutes.listRollouts, { endpoint: ENDPOINT })).rollouts.find(({ id }) => !known.has(id)),
      (rollout) => rollout !== undefined,
      { signal, what: 'the rollout that the choice asks for', timeoutMs: 60_000 },
    );
    const rollout = await rolledOut(api, asked?.id as string, quiet, signal);
    say(describeRollout(rollout));
    if (rollout.status !== 'completed')
      throw new Error(`the rollout of version ${version} was ${rollout.status}: ${rollout.reason}`);
    const { alias } = await api.call(ServingRoutes.showEndpoint, { endpoint: ENDPOINT });
    await traffic?.stop();
    const counts = traffic?.counts();
    if (counts)
      say(
        `answers while it went out: ${Object.entries(counts.byVersion)
          .map(([each, count]) => `version ${each} gave ${count}`)
          .join(', ')}; ${counts.failed} failed`,
      );
    return {
      rollout: rollout.id,
      version,
      steps: rollout.steps.map(({ weight }) => weight),
      functionVersion: alias.functionVersion,
      answers: counts?.byVersion,
      failed: counts?.failed,
    };
  } finally {
    await traffic?.stop();
  }
}

/** A city's whole year is asked about; the drift check looks at what came. */
export async function predictYear(tour: Tour, say: Say, city: string): Promise<Figures> {
  const { api, signal } = tour;
  tour.metadata ??= await modelMetadata(api, ENDPOINT, MODEL);
  const asked = daysOf(tour.days, city, '2015-01-01', '2015-12-31');
  const answers = await replay(api, ENDPOINT, tour.metadata, asked);
  tour.lastAnswer = answers.at(-1);
  const probabilities = answers.flatMap((answer) => answer.probabilities);
  const mean = probabilities.reduce((sum, value) => sum + value, 0) / probabilities.length;
  say(
    `${probabilities.length} days of ${city} 2015 in ${answers.length} requests; mean probability of rain tomorrow ${mean.toFixed(2)}`,
  );
  const view = await checked(api, asked.length, signal);
  if (!view.report) throw new Error(`the drift check made no report of ${city}`);
  say(drawReport(view.report));
  return {
    city,
    days: probabilities.length,
    meanProbability: mean,
    maxPsi: view.report.maxPsi,
    worst: view.report.worst,
    psi: Object.fromEntries(view.report.columns.map(({ name, psi }) => [name, psi])),
    ks: Object.fromEntries(view.report.columns.map(({ name, ks }) => [name, ks])),
  };
}

/** Checks until the report has all rows: log lines take a moment to become windows. */
async function checked(api: ApiClient, rows: number, signal: AbortSignal) {
  const seen = (await api.call(MonitoringRoutes.showDrift, { endpoint: ENDPOINT })).report?.check;
  return waitFor(
    async () => {
      await checkDrift(api, ENDPOINT, quiet, signal);
      return api.call(MonitoringRoutes.showDrift, { endpoint: ENDPOINT });
    },
    ({ report }) => report !== undefined && report.check !== seen && report.rows >= rows * 0.5,
    { signal, what: 'the drift check', timeoutMs: 90_000, pauseMs: 500 },
  );
}

/** Waits until the drift alarm is in a state. */
export async function alarmIs({ api, signal }: Tour, state: 'ok' | 'alarm'): Promise<string> {
  const ask = async () => (await api.call(MonitoringRoutes.showDrift, { endpoint: ENDPOINT })).alarm;
  return waitFor(ask, (alarm) => alarm === state, {
    signal,
    what: `the drift alarm's way to ${state}`,
    timeoutMs: 30_000,
  });
}

/** The alarm goes off again and again; its one retraining is the proof that this starts no other. */
export async function fireAgain({ cloud }: Tour, say: Say, times = 5): Promise<void> {
  const { cloudwatch } = awsClients(cloud.endpoint);
  const alarm = { AlarmName: driftAlarmName('local', ENDPOINT), StateReason: 'the demo fires it again' };
  for (let i = 0; i < times; i++) {
    await cloudwatch.send(new SetAlarmStateCommand({ ...alarm, StateValue: 'OK' }));
    await cloudwatch.send(new SetAlarmStateCommand({ ...alarm, StateValue: 'ALARM' }));
  }
  say(`the alarm was made to fire ${times} more times`);
}

/** The alarm has started one retraining: wait for what came of it. */
export async function retrain({ api, signal }: Tour, say: Say): Promise<Figures> {
  const retrainings = async () => (await api.call(MonitoringRoutes.listRetrainings, { model: MODEL })).retrainings;
  await waitFor(retrainings, (all) => all.length > 0, { signal, what: 'the retraining', timeoutMs: 60_000 });
  const runs = await waitFor(
    async () => (await api.call(TrainingRoutes.listRuns, { model: MODEL })).runs,
    (all) => all.length > 1,
    { signal, what: 'the run of the retraining', timeoutMs: 60_000 },
  );
  const run = await trained(api, runs[0]?.runId as string, quiet, signal);
  // Counted when all that the alarm set off is over.
  const all = await retrainings();
  say(`the alarm started ${all.length} retraining: ${all[0]?.reason}`);
  return { retrainings: all.length, ...runFigures(run, say) };
}

/** Digests and long ids by their first characters: enough to recognise them. */
const short = (text: string) => text.replace(/([0-9a-f]{12})[0-9a-f]{20,}/g, '$1…');

/** What a ledger entry says first. */
function told({ version, reason, spec, live }: Record<string, unknown>): string {
  if (reason) return String(reason);
  if (live) return `version ${live} is live`;
  return version ? `version ${version}` : short(String(spec ?? ''));
}

/** What was live when, and one prediction back to its data, code and parameters. */
export async function lookBack({ api, lastAnswer }: Tour, say: Say): Promise<Figures> {
  const subject = `model:default/${MODEL}`;
  const { entries } = await api.call(LineageRoutes.showLedger, { ref: subject });
  const { intact } = await api.call(LineageRoutes.verifyLedger, { ref: subject });
  for (const { at, action, detail } of entries) say(`${paint('dim', at)}  ${action.padEnd(24)}  ${told(detail)}`);
  say(`ledger of ${entries.length} entries: ${intact ? paint('green', 'intact') : paint('red', 'broken')}`);
  const trace = await api.call(ServingRoutes.tracePrediction, { predictionId: lastAnswer?.predictionId as string });
  const { nodes, edges } = await api.call(LineageRoutes.showGraph, { ref: trace.ref });
  const { spec } = await api.call(TrainingRoutes.showSpec, { model: MODEL });
  say(`prediction ${paint('dim', trace.predictionId)} came from`);
  for (const { ref } of nodes) say(`  ${short(ref)}`);
  say(`  parameters ${JSON.stringify(spec.trainer)}, features ${spec.features.join(', ')}`);
  return {
    ledgerEntries: entries.length,
    ledgerIntact: intact,
    prediction: trace.predictionId,
    modelVersion: trace.modelVersion,
    bundle: trace.bundle,
    lineage: nodes.map(({ ref }) => ref),
    edges: edges.length,
  };
}
