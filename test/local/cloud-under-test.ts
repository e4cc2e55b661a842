import { type ApiClient, apiClient } from '../../bin/client/api-client.ts';
import { type AwsClients, awsClients } from '../../bin/local/aws-clients.ts';
import type { TestCloudFacts } from '../../bin/test/test-cloud.ts';

/** The platform that local tests run against: the one that `npm test` brought up, or the one at `AWS_ENDPOINT_URL`. */
export interface CloudUnderTest extends TestCloudFacts {
  /** The stage that runs there. */
  readonly stage: 'local';
  /** The AWS APIs, as the administrator. */
  readonly aws: AwsClients;
  /** The platform's own API, with a token of every role; another token or workspace makes another client. */
  readonly api: ApiClient;
}

/** Read once a file: `const cloud = cloudUnderTest();`. */
export function cloudUnderTest(): CloudUnderTest {
  const facts = process.env['MILLRACE_TEST_CLOUD'];
  if (!facts) throw new Error('this test needs the local cloud: npm test -- local [part of the path]');
  const { endpoint, control, inference, tracking, token } = JSON.parse(facts) as TestCloudFacts;
  return {
    stage: 'local',
    endpoint,
    control,
    inference,
    tracking,
    token,
    aws: awsClients(endpoint),
    api: apiClient({ control, inference, token }),
  };
}
