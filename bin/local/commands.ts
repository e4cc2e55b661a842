import { setTimeout as sleep } from 'node:timers/promises';
import { firstToken, platformUrls } from './access.ts';
import { type AwsClients, awsClients } from './aws-clients.ts';
import { type DeployOptions, deploy, localUp } from './cloud.ts';
import { stopInstance } from './emulator.ts';
import { LocalErrors } from './errors.ts';
import {
  DEFAULT_INSTANCE,
  findInstance,
  type Instance,
  instanceFolder,
  liveInstances,
  meantInstance,
  writeInstance,
} from './instances.ts';
import { type ReadLogs, readLogs } from './logs.ts';

/** What a person or a program needs to use a platform on the local cloud. */
export interface LocalPlatform {
  name: string;
  /** The emulator, for AWS's own tools: `AWS_ENDPOINT_URL`. */
  endpoint: string;
  control: string;
  /** Null for an app without endpoints. */
  inference: string | null;
  /** What `MLFLOW_TRACKING_URI` is, and the address of MLflow's UI. Null for an app without a tracking API. */
  tracking: string | null;
  /** With every role in every workspace. */
  token: string;
}

export type UpOptions = DeployOptions & { name?: string };

/**
 * `millrace local up`: brings the platform up in the background, or brings a running one up to date in place.
 * @throws LocalErrors.SetUpMissing, EmulatorFailed, DeploymentFailed; nothing is left behind then.
 */
export async function up({
  name = process.env['MILLRACE_INSTANCE'] ?? DEFAULT_INSTANCE,
  ...options
}: UpOptions = {}): Promise<LocalPlatform> {
  const folder = instanceFolder(name);
  const existing = findInstance(name);
  if (existing) {
    const { endpoint } = await answering(existing);
    await deploy({ name, folder, endpoint }, options);
    return platform({ ...existing, endpoint }, folder);
  }
  const cloud = await localUp({ ...options, name });
  try {
    const instance = findInstance(name);
    if (!instance) throw LocalErrors.EmulatorFailed('the emulator ended while the platform was being deployed');
    const result = await platform({ ...instance, endpoint: cloud.endpoint }, folder);
    cloud.emulator.release();
    return result;
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

async function platform(instance: Instance & { endpoint: string }, folder: string): Promise<LocalPlatform> {
  const { name, endpoint } = instance;
  return withClients(endpoint, async (clients) => {
    const urls = await platformUrls(clients, endpoint);
    const token = instance.token ?? (await firstToken(clients));
    writeInstance(folder, { ...instance, token });
    return { name, endpoint, ...urls, tracking: urls.tracking && (instance.edge ?? urls.tracking), token };
  });
}

/** `millrace local down`: ends the instance, every process of it, and removes its folder. */
export async function down({ name = meantInstance() }: { name?: string } = {}): Promise<{ name: string }> {
  const { pid } = await answering(running(name));
  await stopInstance(instanceFolder(name), pid);
  return { name };
}

/** `millrace local status`: the instances that run in this checkout, oldest first. */
export async function status(): Promise<Pick<Instance, 'name' | 'started' | 'endpoint' | 'pid'>[]> {
  return liveInstances().map(({ name, started, endpoint, pid }) => ({ name, started, endpoint, pid }));
}

/** `millrace local logs`: the log lines of every function, and with `follow` those to come. */
export async function logs({ name = meantInstance(), ...options }: ReadLogs & { name?: string }): Promise<void> {
  const { endpoint } = await answering(running(name));
  await withClients(endpoint, (clients) => readLogs(clients, options));
}

function running(name: string): Instance {
  const instance = findInstance(name);
  if (instance) return instance;
  throw LocalErrors.InstanceMissing(`name: got "${name}", no local cloud of that name runs (millrace local status)`);
}

/** An instance that another process has just begun to start answers soon or is gone. */
async function answering(instance: Instance): Promise<Instance & { pid: number; endpoint: string }> {
  for (let now: Instance | undefined = instance; now; now = findInstance(instance.name)) {
    if (now.pid && now.endpoint) return { ...now, pid: now.pid, endpoint: now.endpoint };
    await sleep(100);
  }
  throw LocalErrors.InstanceMissing(`name: got "${instance.name}", that local cloud did not come up`);
}

async function withClients<T>(endpoint: string, work: (clients: AwsClients) => Promise<T>): Promise<T> {
  const clients = awsClients(endpoint);
  try {
    return await work(clients);
  } finally {
    clients.destroy();
  }
}
