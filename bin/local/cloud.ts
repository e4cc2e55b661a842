import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3';
import { shareAssetArchives } from './asset-cache.ts';
import { type AwsClients, awsClients, LOCAL_REGION } from './aws-clients.ts';
import { cdk } from './cdk.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from './emulator.ts';
import { fixUp } from './fix-up.ts';
import { projectRoot } from './places.ts';

/** A step of bringing the cloud up: told when it begins, and again with its seconds when it has ended. */
export interface Step {
  text: string;
  seconds?: number;
}

export interface DeployOptions {
  onProgress?: (step: Step) => void;
  /** A synthesized app (cdk.out) to deploy; default: the app is synthesized. */
  assembly?: string;
  /** The app's command and its folder; default: this project. */
  app?: string;
  appFolder?: string;
  /** Ends the tools that run, and the emulator where this call started it. */
  signal?: AbortSignal;
}

export type Outputs = Record<string, Record<string, string>>;

/** A platform that runs on a local cloud. */
export interface LocalCloud {
  readonly emulator: Emulator;
  readonly name: string;
  readonly endpoint: string;
  /** What the stacks put out, by stack name. */
  readonly outputs: Outputs;
  /** Where the deployed app lies synthesized; other clouds can take it as their `assembly`. */
  readonly assembly: string;
  /** Ends everything of it. */
  stop(): Promise<void>;
}

const ACCOUNT = '000000000000';
/** The bucket that `cdk bootstrap` makes for assets; "hnb659fds" is the CDK's default qualifier. */
const STAGING_BUCKET = `cdk-hnb659fds-assets-${ACCOUNT}-${LOCAL_REGION}`;

/** Starts an emulator and deploys the whole app to it. It ends with this process unless its emulator is released. */
export async function localUp(options: EmulatorOptions & DeployOptions = {}): Promise<LocalCloud> {
  const emulator = await step(options, 'Starting the local cloud', () => startEmulator(options));
  try {
    return { emulator, ...(await deploy(emulator, options)), stop: emulator.stop };
  } catch (error) {
    await emulator.stop();
    throw error;
  }
}

/** Deploys the app to a running local cloud, for the first time or again: what is there is updated in place. */
export async function deploy(
  { name, folder, endpoint }: Pick<Emulator, 'name' | 'folder' | 'endpoint'>,
  options: DeployOptions = {},
): Promise<Omit<LocalCloud, 'emulator' | 'stop'>> {
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const assembly = options.assembly ?? join(folder, 'cdk.out');
  const clients = awsClients(endpoint);
  try {
    // Bundling and bootstrapping need nothing of each other.
    await Promise.all([
      options.assembly ?? step(options, 'Synthesizing the app', () => synthesize(assembly, { ...options, signal })),
      step(options, 'Preparing the account (cdk bootstrap)', () => bootstrap(endpoint, folder, clients, signal)),
    ]);
    if (!options.assembly) shareAssetArchives(assembly);
    const outputsFile = join(folder, 'outputs.json');
    await step(options, 'Deploying all stacks (cdk deploy)', () =>
      cdk({ args: [...DEPLOY, '--app', assembly, '--outputs-file', outputsFile], cwd: folder, endpoint, signal }),
    );
    await step(options, 'Fixing up what the emulator leaves out', () => fixUp(clients, assembly));
    return { name, endpoint, assembly, outputs: JSON.parse(readFileSync(outputsFile, 'utf8')) as Outputs };
  } catch (error) {
    failed.abort();
    throw error;
  } finally {
    clients.destroy();
  }
}

const DEPLOY = [
  'deploy',
  '--all',
  ...['--require-approval', 'never'],
  ...['--method', 'direct'],
  ...['--concurrency', '4'],
  ...['--parameters', 'Platform=local'],
];

/** Synthesizes the stage `local` of an app; safe beside any other synth, since `output` is its own. */
async function synthesize(
  output: string,
  { app = 'node bin/app.ts', appFolder = projectRoot, signal }: DeployOptions = {},
): Promise<void> {
  mkdirSync(output, { recursive: true });
  await cdk({
    args: ['synth', '--quiet', '--context', 'stage=local', '--app', app, '--output', output],
    cwd: appFolder,
    signal,
  });
}

/** From a folder without a cdk.json: with one, the command would synthesize the app first. */
async function bootstrap(
  endpoint: string,
  cwd: string,
  { cloudformation, s3 }: AwsClients,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { StackSummaries = [] } = await cloudformation.send(new ListStacksCommand({}));
  if (StackSummaries.some(({ StackName }) => StackName === 'CDKToolkit')) return;
  await cdk({ args: ['bootstrap', `aws://${ACCOUNT}/${LOCAL_REGION}`], cwd, endpoint, signal });
  // Its only statement denies what does not come over TLS, which the emulator, without TLS, would obey.
  await s3.send(new DeleteBucketPolicyCommand({ Bucket: STAGING_BUCKET }));
}

async function step<T>({ onProgress }: DeployOptions, text: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  onProgress?.({ text });
  const result = await work();
  onProgress?.({ text, seconds: (performance.now() - began) / 1000 });
  return result;
}
