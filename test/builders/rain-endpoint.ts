import { predictor } from '../../lambdas/serving/predictor.ts';
import { type ServedModel, serveBundle } from '../../lambdas/serving/served-model.ts';
import { anInferEvent } from './infer-event.ts';
import { aRainBundle, loadOnnx, type SealedBundle, sealed } from './rain-bundle.ts';

export interface RainServed {
  bundle: SealedBundle;
  served: ServedModel;
}

/** The rain bundle, sealed, verified and loaded as version 3. */
export async function rainServed(): Promise<RainServed> {
  const bundle = await sealed(await aRainBundle());
  return { bundle, served: await serveBundle({ ...bundle, modelVersion: '3', load: loadOnnx }) };
}

/** Endpoint `rain` as function version 7, with the lines that it writes. */
export function anEndpoint({
  functionVersion = '7',
  serve,
}: {
  functionVersion?: string;
  serve: () => Promise<ServedModel>;
}) {
  const lines: string[] = [];
  const options = { workspace: 'default', endpoint: 'rain', model: 'rain', runtime: 'node/24 onnxruntime/1.30' };
  const answer = predictor({ ...options, functionVersion, serve, write: (line) => lines.push(line) });
  return {
    lines,
    /** Status, parsed body and headers of the answer to one event. */
    async ask(event = anInferEvent()) {
      const { statusCode, body, headers } = await answer(event);
      return { status: statusCode, body: JSON.parse(body), headers: headers ?? {} };
    },
  };
}
