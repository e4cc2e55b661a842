import { setTimeout as sleep } from 'node:timers/promises';
import { instanceFolder, liveInstances } from '../../../bin/local/instances.ts';
import { killProcess, running } from '../../../bin/local/processes.ts';
import { registerModelVersion, sealBundle, setChampion } from '../../../lambdas/registry/contract.ts';
import type { EndpointView, RolloutFact } from '../../../lambdas/serving/contract.ts';
import { ServingRoutes } from '../../../lambdas/serving/contract.ts';
import type { RolloutSettings } from '../../../lambdas/serving/rollout-settings.ts';
import { DEFAULT_SETTINGS } from '../../../lambdas/serving/rollout-settings.ts';
import { dynamoTable } from '../../../lambdas/shared/aws/dynamo-table.ts';
import { kmsSigner } from '../../../lambdas/shared/aws/kms-signer.ts';
import { s3Objects } from '../../../lambdas/shared/aws/s3-objects.ts';
import type { Digest } from '../../../lambdas/shared/digest.ts';
import { newId } from '../../../lambdas/shared/ids.ts';
import type { Item } from '../../../lambdas/shared/table.ts';
import type { LogisticModel } from '../../../lambdas/training/logistic-regression.ts';
import { aRow } from '../../builders/infer-event.ts';
import { aRainBundle, RAIN_MODEL } from '../../builders/rain-bundle.ts';
import { aRegistration } from '../../builders/registration.ts';
import { type CloudUnderTest, cloudUnderTest } from '../cloud-under-test.ts';

export type ServingCloud = ReturnType<typeof servingCloud>;

/** The local cloud as a test of endpoint `rain` uses it: versions made by the minute, champions, traffic, rollouts. */
export function servingCloud() {
  const cloud: CloudUnderTest = cloudUnderTest();
  const { aws, api } = cloud;
  const catalogue = dynamoTable('millrace-local-catalogue', aws.dynamodb);
  const windows = dynamoTable('millrace-local-windows', aws.dynamodb);
  const bundles = s3Objects('millrace-local-bundles-000000000000-us-east-1', aws.s3);
  const sign = kmsSigner('alias/millrace-local-signer', aws.kms);
  const show = (): Promise<EndpointView> => api.call(ServingRoutes.showEndpoint, { endpoint: 'rain' });
  const latest = async () => (await api.call(ServingRoutes.listRollouts, { endpoint: 'rain', limit: 1 })).rollouts[0];
  return {
    ...cloud,
    catalogue,
    windows,
    bundles,
    show,
    latest,
    /** A registered version of model `rain` that nobody else has; its intercept is what makes it another model. */
    async register(change: Partial<LogisticModel> = {}): Promise<{ version: number; digest: Digest }> {
      const intercept = RAIN_MODEL.intercept + Math.random() / 100;
      const { manifest, files } = await aRainBundle({ ...RAIN_MODEL, intercept, ...change });
      const { digest } = await sealBundle({ bundles, sign, workspace: 'default', manifest, files });
      const { version } = await registerModelVersion(catalogue, aRegistration({ token: newId(), bundle: digest }));
      return { version, digest };
    },
    choose: (version: number) =>
      setChampion(catalogue, {
        workspace: 'default',
        model: 'rain',
        version,
        actor: 'test',
        at: new Date().toISOString(),
      }),
    infer: () => api.infer('rain/v2/models/rain/infer', aRow({ temp: Math.random() * 30, wind: Math.random() * 8 })),
    /** Kills the workers of one function of this very cloud; those of other clouds have the same names. */
    killWorkers(functionName: string): number {
      const own = liveInstances().find(({ endpoint }) => endpoint === cloud.endpoint);
      if (!own) return 0;
      const text = `${instanceFolder(own.name)}/tmp/ministack-lambda-${functionName}-`;
      const workers = running().filter(({ command }) => command.includes(text));
      for (const { pid } of workers) killProcess(pid);
      return workers.length;
    },
    /** Requests one after the other until it is stopped: answers counted by model version, and what failed. */
    traffic() {
      const byVersion: Record<string, number> = {};
      const failed: unknown[] = [];
      let on = true;
      const flow = (async () => {
        while (on) {
          const { status, body } = await this.infer();
          const version = (body as { model_version?: string }).model_version;
          if (status === 200 && version) byVersion[version] = (byVersion[version] ?? 0) + 1;
          else failed.push(body);
          await sleep(60);
        }
      })();
      return {
        async stop() {
          on = false;
          await flow;
          return { byVersion, failed };
        },
      };
    },
    /** Asks again until what came is wanted; a rollout in the local cloud takes seconds. */
    async until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, seconds = 60): Promise<T> {
      for (const end = Date.now() + seconds * 1000; ; await sleep(150)) {
        const answer = await ask();
        if (wanted(answer)) return answer;
        if (Date.now() > end) throw new Error(`after ${seconds} s: ${JSON.stringify(answer)}`);
      }
    },
    /** The newest rollout of a version, once it has ended. */
    ended(version: number): Promise<RolloutFact> {
      const over = (rollout: RolloutFact | undefined) =>
        rollout?.modelVersion === version && rollout.endedAt !== undefined;
      return this.until(latest, over) as Promise<RolloutFact>;
    },
    /** Rollout settings in the place of the applied spec's; gives a function that puts back what was there. */
    async settings(settings: Partial<RolloutSettings>): Promise<() => Promise<void>> {
      const key = { pk: 'default#model#rain', sk: 'applied-spec' };
      const before = await catalogue.get(key);
      const digest = `sha256:${'5'.repeat(64)}`;
      const spec = { rollout: { ...DEFAULT_SETTINGS, ...settings } };
      await catalogue.transact([
        { put: { ...key, digest, commit: 'a1b2c3d', dirty: false, appliedAt: new Date().toISOString() } },
        { put: { pk: `default#spec#${digest}`, sk: 'fact', digest, model: 'rain', spec } as unknown as Item },
      ]);
      return () => catalogue.transact([before ? { put: before } : { remove: key }]);
    },
  };
}
