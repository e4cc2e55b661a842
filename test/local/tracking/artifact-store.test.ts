import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from '@jest/globals';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../../bin/local/aws-clients.ts';
import { newId } from '../../../lambdas/shared/ids.ts';
import { s3Artifacts } from '../../../lambdas/tracking/aws/s3-artifacts.ts';
import { artifactStoreContract } from '../../tracking/artifact-store.contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const { aws, endpoint } = cloudUnderTest();
const Bucket = `contract-${newId()}`;
// As the adapter makes its own, with the administrator's credentials.
const client = new S3Client({
  endpoint,
  region: LOCAL_REGION,
  credentials: LOCAL_CREDENTIALS,
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
});

beforeAll(async () => {
  await aws.s3.send(new CreateBucketCommand({ Bucket }));
  // As every zone is.
  await aws.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
});
afterAll(() => {
  client.destroy();
  aws.destroy();
});

artifactStoreContract('S3', () => ({ store: s3Artifacts(Bucket, client), fetchUrl: fetch }));
