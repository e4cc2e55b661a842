import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../client/api-client.ts';
import type { Day } from './weather.ts';

/** What a model asks for: its inputs by name, as the endpoint's metadata says them. */
export interface ModelMetadata {
  name: string;
  versions: string[];
  inputs: { name: string; datatype: string; shape: number[] }[];
}

export interface Answer {
  modelVersion: string;
  predictionId: string;
  /** Probability of rain tomorrow for each day asked about. */
  probabilities: number[];
}

export async function modelMetadata(api: ApiClient, endpoint: string, model: string): Promise<ModelMetadata> {
  const { status, body } = await api.infer(`${endpoint}/v2/models/${model}`);
  if (status !== 200)
    throw new Error(`${endpoint} answered ${status} to a question about its model: ${JSON.stringify(body)}`);
  return body as ModelMetadata;
}

interface InferAnswer {
  model_version: string;
  parameters: { prediction_id: string };
  outputs: { name: string; data: number[] }[];
}

/** One Open Inference Protocol request about some days. */
async function predict(
  api: ApiClient,
  endpoint: string,
  { name, inputs }: ModelMetadata,
  days: readonly Day[],
): Promise<Answer> {
  const request = {
    inputs: inputs.map((input) => ({
      name: input.name,
      datatype: input.datatype,
      shape: [days.length, 1],
      data: days.map((day) => day[input.name as keyof Day]),
    })),
  };
  const { status, body } = await api.infer(`${endpoint}/v2/models/${name}/infer`, request);
  if (status !== 200) throw new Error(`${endpoint} answered ${status}: ${JSON.stringify(body)}`);
  const { model_version, parameters, outputs } = body as InferAnswer;
  return {
    modelVersion: model_version,
    predictionId: parameters.prediction_id,
    probabilities: outputs.find((output) => output.name === 'probability')?.data ?? [],
  };
}

/** Asks about all days, some at a time, as an app would over a year. */
export async function replay(
  api: ApiClient,
  endpoint: string,
  metadata: ModelMetadata,
  days: readonly Day[],
  daysEach = 5,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < days.length; i += daysEach)
    answers.push(await predict(api, endpoint, metadata, days.slice(i, i + daysEach)));
  return answers;
}

/** Traffic that goes on until it is told to stop; counts answers by the version that gave them. */
export function liveTraffic(api: ApiClient, endpoint: string, metadata: ModelMetadata, days: readonly Day[]) {
  const byVersion = new Map<string, number>();
  let failed = 0;
  let running = true;
  const loop = (async () => {
    for (let i = 0; running; i = (i + 1) % days.length) {
      try {
        const { modelVersion } = await predict(api, endpoint, metadata, [days[i] as Day]);
        byVersion.set(modelVersion, (byVersion.get(modelVersion) ?? 0) + 1);
      } catch {
        failed++;
      }
      // A breath between requests: the local cloud shares its two cores with everything else here.
      await sleep(5);
    }
  })();
  return {
    counts: () => ({ byVersion: Object.fromEntries([...byVersion].sort()), failed }),
    async stop() {
      running = false;
      await loop;
    },
  };
}
