import { delimiter, join } from 'node:path';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from './aws-clients.ts';
import { LocalErrors } from './errors.ts';
import { millraceFolder, nodeFolder, projectRoot } from './places.ts';
import { runTool } from './tool.ts';

export interface CdkCall {
  args: readonly string[];
  /** The folder whose cdk.json counts. */
  cwd: string;
  /** The local cloud; a synth needs none. */
  endpoint?: string;
  signal?: AbortSignal;
}

const CDK = join(projectRoot, 'node_modules/aws-cdk/bin/cdk');
/** What every call says: no network but the local cloud, nothing asked, no colours in what may become a message. */
const QUIET = ['--no-notices', '--no-version-reporting', '--no-color'];

/** Runs the CDK's command line against the local cloud; fails with what it said last. */
export async function cdk({ args, cwd, endpoint, signal }: CdkCall): Promise<string> {
  const { code, output } = await runTool({ args: [CDK, ...args, ...QUIET], cwd, env: environment(endpoint), signal });
  if (code === 0) return output;
  throw LocalErrors.DeploymentFailed(`cdk ${args[0]} ended with ${code}:\n${lastWords(output)}`);
}

/** Nothing of the caller's AWS settings or proxy reaches a deployment to the local cloud. */
function environment(endpoint: string | undefined): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|CDK_)|_proxy$/i.test(name));
  return {
    ...Object.fromEntries(own),
    PATH: [nodeFolder, process.env['PATH']].join(delimiter),
    ...(endpoint && { AWS_ENDPOINT_URL: endpoint }),
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_REGION: LOCAL_REGION,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    // The library's own check of every template takes longer than the whole deployment; `npm run check` makes it.
    CDK_VALIDATION: 'false',
    // The command line is one file of 20 MB: a fifth of each call is compiling it.
    NODE_COMPILE_CACHE: join(millraceFolder, 'cache/node'),
  };
}

/** What tells why: the lines from the first that names a failure, else the last ones. */
export function lastWords(output: string, lines = 25): string {
  const all = output.trimEnd().split('\n');
  const first = all.findIndex((line) => /_FAILED|❌|^\S*Error\b|\berror\b/i.test(line));
  return (first >= 0 ? all.slice(first) : all).slice(-lines).join('\n');
}
