import '../builders/one-realm.ts';

type Columns = Readonly<Record<string, ArrayLike<number>>>;

/** A model in the real onnxruntime: one FP32 column [rows, 1] an input, every output as plain numbers. */
export async function openModel(bytes: Uint8Array): Promise<(inputs: Columns) => Promise<Record<string, number[]>>> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(Uint8Array.from(bytes), { intraOpNumThreads: 1 });
  return async (inputs) => {
    const feeds = Object.entries(inputs).map(([name, values]) => [
      name,
      new Tensor('float32', Float32Array.from(values), [values.length, 1]),
    ]);
    const outputs = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data as Iterable<number | bigint>, Number)]),
    );
  };
}
