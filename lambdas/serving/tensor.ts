/** The datatypes of the Open Inference Protocol V2 that models here may take and give. */
export const DATATYPES = ['FP32', 'FP64', 'INT64', 'INT32', 'BOOL', 'BYTES'] as const;
export type Datatype = (typeof DATATYPES)[number];

/** A tensor's elements in row-major order; BOOL is one byte each, BYTES are UTF-8 texts. */
export type TensorElements = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | string[];

export interface NamedTensor {
  name: string;
  datatype: Datatype;
  shape: readonly number[];
  data: TensorElements;
}

/** One input or output as the model declares it; -1 is a free dimension. */
export interface TensorSignature {
  name: string;
  datatype: Datatype;
  shape: readonly number[];
}

export interface Signature {
  inputs: readonly TensorSignature[];
  outputs: readonly TensorSignature[];
}

/** The port to a loaded model. */
export interface Model {
  /** Runs the model on checked inputs; the answer has the outputs asked for, in that order. */
  run(inputs: readonly NamedTensor[], outputs: readonly string[]): Promise<NamedTensor[]>;
}
