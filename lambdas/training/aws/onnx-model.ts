import { InferenceSession, Tensor } from 'onnxruntime-node';
import { TrainingErrors } from '../errors.ts';
import type { FeatureTable } from '../feature-table.ts';
import type { GoldenTensor } from '../golden.ts';
import type { LoadModel } from '../ports.ts';

/** Rows that are predicted at once: the runtime's buffers stay small beside the table. */
const BATCH = 8192;

/** onnxruntime behind the model port. */
export const onnxModel: LoadModel = async (onnx) => {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(onnx, { intraOpNumThreads: 1 });
  } catch (cause) {
    throw TrainingErrors.TrainingOutputInvalid(
      `model.onnx: onnxruntime does not take it: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  return {
    async run(table) {
      const rows = table.columns[0]?.length ?? 0;
      const parts: GoldenTensor[][] = [];
      for (let start = 0; start < rows; start += BATCH) parts.push(await runBatch(session, table, start, BATCH));
      return joined(parts);
    },
  };
};

async function runBatch(session: InferenceSession, { names, columns }: FeatureTable, start: number, size: number) {
  const feeds = Object.fromEntries(
    names.map((name, i) => {
      const values = Float32Array.from((columns[i] as Float64Array).subarray(start, start + size));
      return [name, new Tensor('float32', values, [values.length, 1])];
    }),
  );
  const results = await session.run(feeds);
  return session.outputNames.map((name) => plainTensor(name, results[name] as Tensor));
}

const DATATYPES: Record<string, string> = {
  float32: 'FP32',
  float64: 'FP64',
  int64: 'INT64',
  int32: 'INT32',
  bool: 'BOOL',
};

function plainTensor(name: string, { type, dims, data }: Tensor): GoldenTensor {
  const datatype = DATATYPES[type];
  if (!datatype) throw TrainingErrors.TrainingOutputInvalid(`output ${name}: got ${type}, expected numbers`);
  return { name, datatype, shape: [...dims], data: Array.from(data as ArrayLike<number | bigint>, Number) };
}

/** Batches one after the other along the first dimension, which is the rows. */
function joined(parts: readonly (readonly GoldenTensor[])[]): GoldenTensor[] {
  return (parts[0] ?? []).map((first, i) => {
    const tensors = parts.map((part) => part[i] as GoldenTensor);
    const rows = tensors.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    return { ...first, shape: [rows, ...first.shape.slice(1)], data: tensors.flatMap(({ data }) => data) };
  });
}
