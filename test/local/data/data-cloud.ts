import { randomBytes } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { apiClient } from '../../../bin/client/api-client.ts';
import { DataRoutes, type IngestionView, type Upload } from '../../../lambdas/data/contract.ts';
import { dynamoTable } from '../../../lambdas/shared/aws/dynamo-table.ts';
import { s3Objects } from '../../../lambdas/shared/aws/s3-objects.ts';
import { weatherSpecText } from '../../builders/dataset.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const ACCOUNT = '000000000000-us-east-1';

/** Dataset `weather` in a workspace of its own on the shared cloud, through the doors that everybody uses. */
export function dataCloud() {
  const cloud = cloudUnderTest();
  const workspace = `data-${randomBytes(6).toString('hex')}`;
  const api = apiClient({ ...cloud.api.connection, workspace });
  const bucket = (zone: string) => `millrace-${cloud.stage}-${zone}-${ACCOUNT}`;
  const dataset = 'weather';

  const createUpload = (bytes: number, fileName = 'weather.csv') =>
    api.call(DataRoutes.createUpload, { dataset, fileName, bytes });
  const put = ({ url, method, headers }: Upload, body: string | Uint8Array) =>
    fetch(url, { method, headers, body: body as string });
  const shown = (uploadId: string) => api.call(DataRoutes.showIngestion, { dataset, uploadId });
  async function ended(uploadId: string): Promise<IngestionView> {
    for (;;) {
      const view = await shown(uploadId);
      if (view.status !== 'waiting' && view.status !== 'running') return view;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    ...cloud,
    api,
    workspace,
    dataset,
    createUpload,
    put,
    shown,
    ended,
    raw: s3Objects(bucket('raw'), cloud.aws.s3),
    curated: s3Objects(bucket('curated'), cloud.aws.s3),
    catalogue: dynamoTable(`millrace-${cloud.stage}-catalogue`, cloud.aws.dynamodb),
    createDataset: () => api.call(DataRoutes.createDataset, { dataset, spec: weatherSpecText() }),
    versions: async () => (await api.call(DataRoutes.listVersions, { dataset })).versions,
    /** Uploads a file and waits for what becomes of it. */
    async ingested(content: string | Uint8Array, fileName?: string): Promise<IngestionView> {
      const upload = await createUpload(Buffer.byteLength(content), fileName);
      const answer = await put(upload, content);
      if (!answer.ok) throw new Error(`the raw zone answered ${answer.status}: ${await answer.text()}`);
      return ended(upload.uploadId);
    },
    /** Puts an object into the raw zone past the API. */
    async copyIn(key: string, content: string | Uint8Array): Promise<void> {
      const Body = Buffer.from(content);
      await cloud.aws.s3.send(new PutObjectCommand({ Bucket: bucket('raw'), Key: `${workspace}/${key}`, Body }));
    },
  };
}
