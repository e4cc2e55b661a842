import { factKey, factOf, partitionOf, type Ref, ref } from '../lineage/contract.ts';
import type { Digest } from '../shared/digest.ts';
import type { Item, Key, Table } from '../shared/table.ts';

/** A published version of an endpoint's function: code, environment and bundle, pinned for good. */
export interface Deployment {
  functionVersion: string;
  modelVersion: number;
  bundle: Digest;
  /** Id of the rollout that published it. */
  rollout: string;
  /** Digest of the platform code in it, as Lambda gives it: another one by now means that a rollout is due. */
  codeSha256: string;
  /** ISO 8601, UTC: when it was published, or for what is live, since when it serves. */
  since: string;
}

/** What an endpoint serves, and what is being done to it. Every change counts `revision` up. */
export interface EndpointFact {
  endpoint: string;
  model: string;
  live?: Deployment;
  /** The version that a rollout sends `weight` percent of the traffic to. */
  candidate?: Deployment & { weight: number };
  /** What was live before, newest first: each is one pointer move away. */
  kept: Deployment[];
  /** The rollout that has the endpoint to itself, and who stopped it before its time. */
  running?: { rollout: string; attempt: number; stop?: { actor: string; reason: string } };
  /** The rollout that begins when that one ends; a newer wish takes its place. */
  waiting?: string;
  /** A move of the alias back to a kept version, decided and not yet recorded as done. */
  returning?: { rollback: string; to: Deployment; actor: string; reason: string; at: string };
  /** The alarm or dedupe key that last took a version back: heard again, it moves nothing. */
  heard?: string;
  revision: number;
}

export const endpointRef = (ws: string, endpoint: string): Ref => ref('endpoint', ws, endpoint);

/** An endpoint that nothing was rolled out to yet has revision 0 and no live version. */
export async function endpointState(table: Table, ws: string, endpoint: string, model: string): Promise<EndpointFact> {
  return (await endpointFact(table, ws, endpoint)) ?? { endpoint, model, kept: [], revision: 0 };
}

export async function endpointFact(table: Table, ws: string, endpoint: string): Promise<EndpointFact | undefined> {
  return (await factOf(table, endpointRef(ws, endpoint))) as EndpointFact | undefined;
}

/** The write of an endpoint's next state, which holds only against the state it was made from. */
export const endpointWrite = (ws: string, { revision, ...next }: EndpointFact) => ({
  put: { ...factKey(endpointRef(ws, next.endpoint)), ...next, revision: revision + 1 } as unknown as Item,
  when: revision === 0 ? { absent: true as const } : { equals: { revision } },
});

const deploymentKey = (ws: string, endpoint: string, functionVersion: string): Key => ({
  pk: partitionOf(endpointRef(ws, endpoint)),
  sk: `deployment#${functionVersion}`,
});

/** The row that says for good what a function version was made of: how a prediction is traced back. */
export const deploymentWrite = (ws: string, endpoint: string, deployment: Deployment) => ({
  put: { ...deploymentKey(ws, endpoint, deployment.functionVersion), ...deployment } as unknown as Item,
});

export async function deploymentOf(
  table: Table,
  ws: string,
  endpoint: string,
  functionVersion: string,
): Promise<Deployment | undefined> {
  const item = await table.get(deploymentKey(ws, endpoint, functionVersion));
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, ...deployment } = item;
  return deployment as unknown as Deployment;
}
