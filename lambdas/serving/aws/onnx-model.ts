import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { ServingErrors } from '../errors.ts';
import type { Datatype, Model, NamedTensor } from '../tensor.ts';

const ELEMENTS = {
  FP32: 'float32',
  FP64: 'float64',
  INT64: 'int64',
  INT32: 'int32',
  BOOL: 'bool',
  BYTES: 'string',
} as const satisfies Record<Datatype, string>;

const DATATYPE_OF = Object.fromEntries(Object.entries(ELEMENTS).map(([datatype, element]) => [element, datatype]));

/** What answers: recorded with each rollout, since another build may answer otherwise. */
export const runtimeName = `node/${process.versions.node} onnxruntime/${ort.env.versions.node ?? ort.env.versions.common}`;

/**
 * Leaves the code's folder for an empty one, for good: a model loaded from bytes may name "external data", which
 * onnxruntime looks for in the current directory.
 */
export function leaveForEmptyFolder(): void {
  process.chdir(mkdtempSync(join(tmpdir(), 'millrace-predict-')));
}

/** A model in onnxruntime: one thread, since a Lambda of this size has one, and `parallel` has pauses of milliseconds. */
export async function onnxModel(onnx: Uint8Array): Promise<Model> {
  const session = await ort.InferenceSession.create(onnx, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return {
    async run(inputs, outputs) {
      const feeds: Record<string, ort.Tensor> = {};
      for (const { name, datatype, data, shape } of inputs) {
        feeds[name] = new ort.Tensor(ELEMENTS[datatype], data as never, shape);
      }
      const results = await session.run(feeds, outputs);
      return outputs.map((name): NamedTensor => {
        const tensor = results[name] as ort.Tensor;
        const datatype = DATATYPE_OF[tensor.type] as Datatype | undefined;
        if (datatype) return { name, datatype, shape: tensor.dims, data: tensor.data as NamedTensor['data'] };
        throw ServingErrors.ModelUnsupported(
          `output ${name}: is ${tensor.type}, which the protocol here does not carry`,
        );
      });
    },
  };
}
