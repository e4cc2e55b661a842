import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { apiClient } from '../../../bin/client/api-client.ts';
import { DataRoutes } from '../../../lambdas/data/contract.ts';
import { RegistryRoutes } from '../../../lambdas/registry/contract.ts';
import { dynamoTable } from '../../../lambdas/shared/aws/dynamo-table.ts';
import { s3Objects } from '../../../lambdas/shared/aws/s3-objects.ts';
import { type RunFact, TrainingRoutes } from '../../../lambdas/training/contract.ts';
import { weatherCsv, weatherSpecText } from '../../builders/dataset.ts';
import { rainSpecText } from '../../builders/training-spec.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

const ACCOUNT = '000000000000-us-east-1';

/** Model `rain` in a workspace of its own on the shared cloud, through the doors that everybody uses. */
export function trainingCloud() {
  const cloud = cloudUnderTest();
  const workspace = `training-${randomBytes(6).toString('hex')}`;
  const api = apiClient({ ...cloud.api.connection, workspace });
  const zone = (name: string) => s3Objects(`millrace-${cloud.stage}-${name}-${ACCOUNT}`, cloud.aws.s3);
  const model = 'rain';

  async function ended(runId: string): Promise<RunFact> {
    for (;;) {
      const run = await api.call(TrainingRoutes.showRun, { runId });
      if (run.status !== 'running') return run;
      await wait(100);
    }
  }
  const start = (input: { dedupe?: string; reason?: string } = {}) =>
    api.call(TrainingRoutes.startTraining, { model, ...input });
  return {
    ...cloud,
    api,
    workspace,
    model,
    start,
    ended,
    artifacts: zone('artifacts'),
    bundles: zone('bundles'),
    catalogue: dynamoTable(`millrace-${cloud.stage}-catalogue`, cloud.aws.dynamodb),
    createDataset: () => api.call(DataRoutes.createDataset, { dataset: 'weather', spec: weatherSpecText() }),
    /** Uploads rows of the real file and waits until they are a dataset version. */
    async land(rows: Parameters<typeof weatherCsv>[0]): Promise<void> {
      const body = weatherCsv(rows);
      const upload = { dataset: 'weather', fileName: 'weather.csv', bytes: body.length };
      const { url, method, headers, uploadId } = await api.call(DataRoutes.createUpload, upload);
      await fetch(url, { method, headers, body });
      for (;;) {
        const { status, error } = await api.call(DataRoutes.showIngestion, { dataset: 'weather', uploadId });
        if (status === 'succeeded') return;
        if (error) throw new Error(`${error.name}: ${error.message}`);
        await wait(100);
      }
    },
    apply: (spec = rainSpecText(), files: Record<string, string> = {}) =>
      api.call(TrainingRoutes.applySpec, { model, spec, commit: 'abcdef1', dirty: false, files }),
    /** Starts a training and waits for its end. */
    train: async (input: { dedupe?: string; reason?: string } = {}) => ended((await start(input)).runId),
    versions: async () =>
      (await api.call(RegistryRoutes.showModel, { model }).catch(() => undefined))?.latestVersion ?? 0,
  };
}
