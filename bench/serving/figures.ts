import ort from 'onnxruntime-node';
import { onnxModel } from '../../lambdas/serving/aws/onnx-model.ts';
import { predictor } from '../../lambdas/serving/predictor.ts';
import { rowCounter } from '../../lambdas/serving/row-counter.ts';
import { signatureOf } from '../../lambdas/serving/served-model.ts';
import { measureBaseline } from '../../lambdas/training/baseline.ts';
import { writeLogisticOnnx } from '../../lambdas/training/logistic-onnx.ts';
import type { Figure, Sides } from '../figure.ts';

const FEATURES = ['precipitation', 'temp_max', 'temp_min', 'wind'];
/** Requests of one turn: enough that a turn takes tens of milliseconds. */
const CALLS = 3000;

/** The handler, from API Gateway's event to its answer, over the `session.run` that is inside it. */
export const servingFigures: readonly Figure[] = [1, 32].map((rows) => ({
  name: `serving/predict-handler-b${rows}`,
  unit: 'us',
  peer: 'bare session.run',
  repeats: 9,
  prepare: () => handlerOverSession(rows),
}));

async function handlerOverSession(rows: number): Promise<Sides> {
  const onnx = writeLogisticOnnx({
    features: FEATURES,
    mean: Float64Array.of(3, 16, 8, 3),
    scale: Float64Array.of(6, 7, 5, 1.4),
    coefficients: Float64Array.of(0.3, -0.8, 0.5, 0.2),
    intercept: -0.4,
  });
  const columns = FEATURES.map((_, i) =>
    Float64Array.from({ length: rows }, (_, row) => Math.fround(((row * 7 + i * 3) % 20) * 0.7)),
  );
  const tensors = FEATURES.map((name, i) => ({
    name,
    datatype: 'FP32',
    shape: [rows, 1],
    data: [...(columns[i] as Float64Array)],
  }));

  const signature = signatureOf({
    model: {
      inputs: FEATURES.map((name) => ({ name, datatype: 'FP32', shape: [-1, 1] })),
      outputs: [
        { name: 'probability', datatype: 'FP32', shape: [-1, 1] },
        { name: 'label', datatype: 'INT64', shape: [-1, 1] },
      ],
    },
  } as unknown as Parameters<typeof signatureOf>[0]);
  const baseline = measureBaseline(
    { names: FEATURES, columns },
    'probability',
    Float64Array.from({ length: rows }, (_, row) => (row + 0.5) / rows),
  );
  const served = {
    model: await onnxModel(onnx),
    signature,
    version: '1',
    counter: rowCounter(Buffer.from(JSON.stringify(baseline)), signature),
  };
  let written = 0;
  const answer = predictor({
    workspace: 'default',
    endpoint: 'rain',
    model: 'rain',
    functionVersion: '1',
    runtime: 'bench',
    serve: async () => served,
    // The line is made and counted; what the runtime does with it is not the handler's.
    write: (line) => {
      written += line.length;
    },
  });
  const event = {
    httpMethod: 'POST',
    path: '/rain/v2/models/rain/infer',
    body: JSON.stringify({ inputs: tensors }),
    isBase64Encoded: false,
    requestContext: { authorizer: { tokenId: 'bench', roles: 'app', workspaces: 'default' } },
  } as unknown as Parameters<typeof answer>[0];
  const first = await answer(event);
  if (first.statusCode !== 200 || written === 0)
    throw new Error(`the handler answered ${first.statusCode}: ${first.body}`);

  const session = await ort.InferenceSession.create(onnx, {
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  const feeds = Object.fromEntries(
    tensors.map(({ name, shape, data }) => [name, new ort.Tensor('float32', Float32Array.from(data), shape)]),
  );
  const timed = async (call: () => Promise<unknown>) => {
    const began = performance.now();
    for (let i = 0; i < CALLS; i++) await call();
    return ((performance.now() - began) * 1000) / CALLS;
  };
  return {
    ours: () => timed(() => answer(event)),
    theirs: () => timed(() => session.run(feeds)),
    close: () => session.release(),
  };
}
