import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { apiClient } from '../../bin/client/api-client.ts';
import { connectionTo } from '../../bin/client/connection.ts';
import { ingest, rollOut, type Tour, train } from '../../bin/demo/stations.ts';
import { modelMetadata } from '../../bin/demo/traffic.ts';
import { readWeather } from '../../bin/demo/weather.ts';
import { type LocalCloud, localUp } from '../../bin/local/cloud.ts';
import { instanceFolder, liveInstances } from '../../bin/local/instances.ts';

const quiet = () => {};

/** A local cloud of a test's own, with version 1 of model `rain` trained and live: to be stopped by who asked for it. */
export async function touredCloud(name: string): Promise<{ cloud: LocalCloud; tour: Tour }> {
  const cloud = await localUp({ name: `${name}-${process.pid}`, assembly: sharedAssembly() });
  try {
    const api = apiClient(await connectionTo(cloud));
    const tour: Tour = { api, days: await readWeather(), signal: new AbortController().signal, cloud };
    await ingest(tour, quiet, 'Seattle');
    const { version } = await train(tour, quiet);
    await rollOut(tour, quiet, version as number);
    tour.metadata = await modelMetadata(api, 'rain', 'rain');
    return { cloud, tour };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

/** What `npm test` has synthesized for the cloud that the local tests share. */
function sharedAssembly(): string | undefined {
  const shared = liveInstances().find(({ endpoint }) => endpoint && endpoint === process.env['AWS_ENDPOINT_URL']);
  const assembly = shared && join(instanceFolder(shared.name), 'cdk.out');
  return assembly && existsSync(join(assembly, 'manifest.json')) ? assembly : undefined;
}
