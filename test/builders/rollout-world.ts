import {
  bundleKey,
  modelFact,
  modelVersion,
  registerModelVersion,
  setChampion,
} from '../../lambdas/registry/contract.ts';
import { endpointFact } from '../../lambdas/serving/endpoint-fact.ts';
import { rolloutTasks } from '../../lambdas/serving/handlers/roll-out-model.ts';
import { hearNews } from '../../lambdas/serving/hear-news.ts';
import { type PredictorOptions, predictor } from '../../lambdas/serving/predictor.ts';
import { listRollouts } from '../../lambdas/serving/rollout.ts';
import type { RolloutSettings } from '../../lambdas/serving/rollout-settings.ts';
import type { ServedEndpoint } from '../../lambdas/serving/served-endpoint.ts';
import { serveBundle } from '../../lambdas/serving/served-model.ts';
import type { RolloutDeps } from '../../lambdas/serving/turn.ts';
import { mergeWindows, type WindowStats } from '../../lambdas/serving/window.ts';
import { windowOfLine } from '../../lambdas/serving/window-of-line.ts';
import { storedWindow, windowStart, windowWrite } from '../../lambdas/serving/window-store.ts';
import type { Digest } from '../../lambdas/shared/digest.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';
import { memoryExecutions } from '../fakes/memory-executions.ts';
import { type MemoryFunctions, memoryFunctions } from '../fakes/memory-functions.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { runWorkflow, type WorkflowEnd } from '../fakes/workflow.ts';
import { aRainBundle, loadOnnx, RAIN_MODEL, sealed } from './rain-bundle.ts';
import { aRegistration } from './registration.ts';

export const RAIN_ENDPOINT: ServedEndpoint = {
  endpoint: 'rain',
  model: 'rain',
  workspace: 'default',
  functionName: 'millrace-test-endpoint-rain',
  keptVersions: 2,
};

type Hooked = Promise<unknown> | unknown;
/**
 * Called before each task of the state machine, and after it. Throwing there is a worker that died, and the answer `DIE`
 * is the execution itself that died.
 */
export interface Hooks {
  before?: (task: string, world: RolloutWorld) => Hooked;
  after?: (task: string, world: RolloutWorld) => Hooked;
}
export const DIE = Symbol('die');
interface Died {
  status: 'DIED';
  visited: string[];
}

export type RolloutWorld = Awaited<ReturnType<typeof rolloutWorld>>;

/**
 * A stage in memory with endpoint `rain` and four registered versions of its model, each a real bundle that a real
 * predictor serves. Rollouts run through the state machine's own file; time passes only when a test says so.
 */
export async function rolloutWorld(hooks: Hooks = {}) {
  const zone = await sealed(
    await aRainBundle(),
    await aRainBundle({ ...RAIN_MODEL, intercept: 0.2 }),
    await aRainBundle({ ...RAIN_MODEL, intercept: 0.3 }),
    await aRainBundle({ ...RAIN_MODEL, intercept: 0.4 }),
  );
  const table = memoryTable();
  const windows = memoryTable();
  for (const [i, bundle] of zone.digests.entries()) {
    await registerModelVersion(table, aRegistration({ token: `v${i + 1}`, bundle }));
  }
  let now = Date.parse('2026-03-01T12:00:00.000Z');
  const clock = () => new Date(now);
  const functions: MemoryFunctions = memoryFunctions((environment, payload) =>
    answerOf(environment, payload, zone.bundles),
  );
  const executions = memoryExecutions();
  const endpoints = [RAIN_ENDPOINT];
  const deps: RolloutDeps = {
    table,
    windows,
    bundles: zone.bundles,
    publicKeyPem: async () => zone.publicKeyPem,
    functions,
    endpoints,
    clock,
    sleep: async () => {},
  };
  const news = { table, executions, endpoints, clock, functions };
  const world = {
    ...zone,
    table,
    windows,
    functions,
    executions,
    deps,
    news,
    pass(seconds: number) {
      now += seconds * 1000;
    },
    clock,
    /** The champion's event, delivered. */
    async choose(version: number) {
      now += 1000;
      await setChampion(table, {
        workspace: 'default',
        model: 'rain',
        version,
        actor: 'ann',
        at: clock().toISOString(),
      });
      await deliver();
    },
    /** Every event in the outbox, as often as this is called. */
    deliver: () => deliver(),
    /** Runs an execution that was started; without a name the last one. */
    async run(name = executions.started.at(-1)?.name as string, hooked: Hooks = hooks) {
      const execution = executions.started.find((each) => each.name === name);
      const end = await new Promise<WorkflowEnd | Died>((resolve, reject) => {
        const die = () => {
          resolve({ status: 'DIED', visited: [] });
          return new Promise<never>(() => {});
        };
        const invoke = async (_function: string, payload: unknown) => {
          const { task, input } = payload as { task: keyof typeof rolloutTasks; input: never };
          if ((await hooked.before?.(task, world)) === DIE) return die();
          const answer = await rolloutTasks[task].with(deps).handle(input);
          return (await hooked.after?.(task, world)) === DIE ? die() : answer;
        };
        runWorkflow('serving/roll-out-model', { name, input: execution?.input, invoke }).then(resolve, reject);
      });
      executions.end(name, end.status === 'SUCCEEDED' ? 'succeeded' : 'failed');
      return end;
    },
    /** Traffic on a version, now. */
    async traffic(functionVersion: string, requests: number, change: Partial<WindowStats> = {}) {
      const line = { ...aLine(functionVersion, now), counts: undefined };
      let stats = windowOfLine(line);
      for (let i = 1; i < requests; i++) stats = mergeWindows(stats, windowOfLine(line));
      const key = { workspace: 'default', endpoint: 'rain', functionVersion, start: windowStart(now), part: 0 };
      await windows.transact([windowWrite(key, await storedWindow(windows, key), { ...stats, ...change }, clock())]);
    },
    state: () => endpointFact(table, 'default', 'rain'),
    rollouts: () => listRollouts(table, 'default', 'rain', 20),
    live: async () => (await modelFact(table, 'default', 'rain'))?.aliases.live,
    champion: async () => (await modelFact(table, 'default', 'rain'))?.aliases.champion,
    tag: async (version: number) => (await modelVersion(table, 'default', 'rain', version))?.tags['millrace.rollout'],
    async alias() {
      const { functionVersion, weights } = await functions.alias(RAIN_ENDPOINT.functionName);
      return { functionVersion, weights };
    },
    /** Writes rollout settings as the spec applied last has them. */
    async settings(settings: Partial<RolloutSettings>) {
      await applySettings(table, settings);
    },
  };
  const deliver = async () => {
    for (const item of table.items().filter(({ pk, sk }) => pk.includes('#outbox#') && sk === 'event')) {
      const event = item['event'] as unknown as { id: string; type: string; workspace: string; detail: object };
      const { id, type, workspace, detail } = event;
      await hearNews(news, { type, detail: { ...detail, id, workspace } });
    }
  };
  return world;
}

/** What the function's version answers: the real predictor on the bundle that its environment pins. */
async function answerOf(environment: Record<string, string>, payload: unknown, bundles: ObjectStore) {
  const { BUNDLE_DIGEST, SIGNER_PUBLIC_KEY, MODEL_VERSION } = environment as Record<string, string>;
  const options: PredictorOptions = {
    workspace: 'default',
    endpoint: 'rain',
    model: 'rain',
    functionVersion: '1',
    runtime: 'node/24.21.0 onnxruntime/1.30.0',
    write: () => {},
    serve: () =>
      serveBundle({
        read: (file) => bundles.get(bundleKey('default', BUNDLE_DIGEST as Digest, file)),
        digest: BUNDLE_DIGEST as Digest,
        publicKeyPem: String(SIGNER_PUBLIC_KEY),
        modelVersion: String(MODEL_VERSION),
        load: loadOnnx,
      }),
  };
  return predictor(options)(payload as never);
}

const aLine = (functionVersion: string, at: number) => ({
  workspace: 'default',
  endpoint: 'rain',
  functionVersion,
  at,
  status: 200,
  ms: 1,
  rows: 1,
  nan: 0,
  features: {},
  outputs: [],
  answers: { p3: 1 },
});

async function applySettings(table: ReturnType<typeof memoryTable>, settings: Partial<RolloutSettings>) {
  const { DEFAULT_SETTINGS } = await import('../../lambdas/serving/rollout-settings.ts');
  const digest = `sha256:${'0'.repeat(64)}`;
  const spec = { rollout: { ...DEFAULT_SETTINGS, ...settings } };
  await table.transact([
    { put: { pk: 'default#model#rain', sk: 'applied-spec', digest, commit: 'a1b2c3d', dirty: false, appliedAt: 'x' } },
    { put: { pk: `default#spec#${digest}`, sk: 'fact', digest, model: 'rain', spec, firstAppliedAt: 'x' } },
  ]);
}
