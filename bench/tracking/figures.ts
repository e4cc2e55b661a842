import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peerPython } from '../../bin/local/peer-python.ts';
import { projectRoot } from '../../bin/local/places.ts';
import { type Figure, PeerMissing, type Sides } from '../figure.ts';
import { type CostMeter, costMeter } from './cost.ts';
import type { Ground } from './ground.ts';
import { type Call, type Load, type Server, startLoad } from './load.ts';
import { newRun, type OurCloud, startOurCloud } from './our-cloud.ts';
import { type StockServers, startStockServers } from './stock-server.ts';
import { VERBS, type Verb } from './verbs.ts';

const RUNS = 10_000;
const TRACKING_TABLE = 'millrace-local-tracking';
const REQUIREMENTS = join(projectRoot, 'test/local/tracking/requirements.txt');
const say = (text: string) => void process.stderr.write(`${text}\n`);

/** Both sides filled alike, for all figures: it takes minutes. */
interface Field {
  load: Load;
  ours: OurCloud;
  theirs: StockServers;
  cost: CostMeter;
  stop(): Promise<void>;
}

async function openField(): Promise<Field> {
  const python = await peerPython(REQUIREMENTS).catch((cause: Error) => {
    throw new PeerMissing(`mlflow cannot be installed: ${cause.message}`, { cause });
  });
  const folder = await mkdtemp(join(tmpdir(), `millrace-bench-${process.pid}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  say(`filling mlflow's database with ${RUNS} runs`);
  const theirs = await startStockServers(python, folder, RUNS);
  const ours = await startOurCloud(RUNS, say);
  const [load, cost] = [startLoad(python), await costMeter(ours.endpoint)];
  const stop = async () => {
    load.stop();
    cost.stop();
    theirs.stop();
    await ours.stop();
  };
  return { load, ours, theirs, cost, stop };
}

interface Setting {
  suffix: string;
  clients: number;
  server: Exclude<keyof StockServers, 'stop'>;
  peer: string;
}
const SETTINGS: readonly Setting[] = [
  { suffix: 'c1', clients: 1, server: 'default', peer: 'mlflow server' },
  { suffix: 'c1-over-one-worker', clients: 1, server: 'oneWorker', peer: 'mlflow server, 1 worker' },
  { suffix: 'c8', clients: 8, server: 'default', peer: 'mlflow server' },
  { suffix: 'c8-over-one-worker', clients: 8, server: 'oneWorker', peer: 'mlflow server, 1 worker' },
];

let field: Promise<Field> | undefined;

async function end(): Promise<void> {
  await (await field?.catch(() => undefined))?.stop();
  field = undefined;
}

/** Through the local cloud with all its overhead, over the stock server on SQLite; both by the same load generator. */
export const trackingFigures: readonly Figure[] = VERBS.flatMap((verb) =>
  SETTINGS.map((setting) => ({
    name: `tracking/${verb.name}-${setting.suffix}`,
    unit: 'ms' as const,
    peer: setting.peer,
    repeats: 5,
    prepare: () => prepare(verb, setting),
    end,
  })),
);

async function prepare(verb: Verb, { clients, server }: Setting): Promise<Sides> {
  field ??= openField();
  const opened = await field;
  const { load, ours, theirs } = opened;
  const turn = async (ground: Ground) => {
    const runs = await Promise.all(Array.from({ length: clients }, () => newRun(ground, '0')));
    let nth = 0;
    return () =>
      load.run(
        ground,
        runs.map((run) => Array.from({ length: verb.calls }, () => verb.call(ground, run, nth++))),
      );
  };
  return { ours: await turn(ours), theirs: await turn(theirs[server]), detail: () => detail(verb, clients, opened) };
}

/** What a call costs on AWS, and what the emulator takes for it with as many clients: ours cannot be less here. */
async function detail(verb: Verb, clients: number, { ours, load, cost }: Field): Promise<string> {
  const floor = (server: Server, call: Call) =>
    load.run(
      server,
      Array.from({ length: clients }, () => Array.from({ length: 20 }, () => call)),
    );
  const run = await newRun(ours, '0');
  const { requests, readUnits, writeUnits } = await cost.of([1, 2].map((nth) => verb.call(ours, run, nth)));
  const nothing = await floor(ours, { method: 'GET', path: '/version' });
  const request = await floor({ url: ours.endpoint, headers: GET_ITEM.headers }, GET_ITEM.call);
  return `${requests} DynamoDB requests, ${readUnits} read and ${writeUnits} write units; the emulator alone: ${nothing.toFixed(1)} ms for a route that does nothing, ${request.toFixed(1)} ms for each DynamoDB request`;
}

/** As the SDK sends it: the emulator checks no signature. */
const GET_ITEM = {
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.GetItem',
    authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request',
  },
  call: {
    method: 'POST',
    path: '/',
    body: { TableName: TRACKING_TABLE, Key: { pk: { S: 'nothing' }, sk: { S: 'nothing' } } },
  } as const satisfies Call,
};
