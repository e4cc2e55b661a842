import { firstToken, platformUrls } from '../local/access.ts';
import { awsClients } from '../local/aws-clients.ts';
import { type LocalCloud, localUp } from '../local/cloud.ts';

/** What local tests get of the cloud: JSON in the variable `MILLRACE_TEST_CLOUD` (test/local/cloud-under-test.ts). */
export interface TestCloudFacts {
  endpoint: string;
  control: string;
  inference: string;
  /** What `MLFLOW_TRACKING_URI` is: the edge where this run started the cloud, else what the stage says. */
  tracking: string;
  /** A token of every role in every workspace. */
  token: string;
}

/** The cloud that the local tests share: brought up once, taken down however the run ends. */
export interface TestCloud {
  up(): Promise<{ env: Record<string, string> } | { failure: string }>;
  down(): Promise<void>;
}

/** With `AWS_ENDPOINT_URL` set it is the platform that runs there, which is left as it is. */
export function testCloud(say: (line: string) => void): TestCloud {
  const given = process.env['AWS_ENDPOINT_URL'];
  const abort = new AbortController();
  let own: Promise<LocalCloud> | undefined;
  const start = () => {
    own = localUp({
      name: `test-${process.pid}`,
      signal: abort.signal,
      onProgress: ({ text, seconds }) => void (seconds !== undefined && say(`${text}: ${seconds.toFixed(1)} s`)),
    });
    return own;
  };
  return {
    async up() {
      try {
        const cloud = given === undefined ? await start() : undefined;
        const endpoint = given ?? (cloud as LocalCloud).endpoint;
        const facts = await factsOf(endpoint, cloud?.emulator.edge);
        return { env: { AWS_ENDPOINT_URL: endpoint, MILLRACE_TEST_CLOUD: JSON.stringify(facts) } };
      } catch (error) {
        return { failure: `the cloud for the local tests: ${error instanceof Error ? error.message : String(error)}` };
      }
    },
    async down() {
      abort.abort();
      const cloud = await own?.catch(() => undefined);
      own = undefined;
      await cloud?.stop();
    },
  };
}

async function factsOf(endpoint: string, edge: string | undefined): Promise<TestCloudFacts> {
  const clients = awsClients(endpoint);
  try {
    const { control, inference, tracking } = await platformUrls(clients, endpoint);
    if (inference === null) throw new Error('the stage there has no endpoints');
    if (tracking === null) throw new Error('the platform there has no tracking API');
    return { endpoint, control, inference, tracking: edge ?? tracking, token: await firstToken(clients) };
  } finally {
    clients.destroy();
  }
}
