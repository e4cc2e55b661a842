import type { OnnxReader, Span } from './onnx-reader.ts';
import { DIMENSION, SHAPE, TENSOR_TYPE, TYPE, VALUE_INFO } from './onnx-schema.ts';
import { elementsOf } from './onnx-tensor-scan.ts';
import { ScanErrors } from './scan-errors.ts';

/** A tensor of the Open Inference Protocol. */
export interface TensorSignature {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 where the size is variable; [-1] also for a tensor whose rank the file leaves open. */
  readonly shape: readonly number[];
}

export type Datatype = (typeof DATATYPES)[keyof typeof DATATYPES];

/** The Open Inference Protocol's name by TensorProto.DataType. */
const DATATYPES = {
  1: 'FP32',
  2: 'UINT8',
  3: 'INT8',
  4: 'UINT16',
  5: 'INT16',
  6: 'INT32',
  7: 'INT64',
  8: 'BYTES',
  9: 'BOOL',
  10: 'FP16',
  11: 'FP64',
  12: 'UINT32',
  13: 'UINT64',
  16: 'BF16',
} as const;

/** What a ValueInfoProto says; sequences, maps and the like have no tensor part. */
export interface DeclaredValue {
  readonly name: string;
  readonly elementType: number | undefined;
  readonly shape: readonly number[];
}

/** @throws ModelFileTensorInvalid for a negative or too large size */
export function readDeclaredValue(reader: OnnxReader, span: Span): DeclaredValue {
  let name = '';
  let type: Span | undefined;
  reader.visit(VALUE_INFO, span, (field, start, end) => {
    if (field === 'name') name = reader.text(start, end);
    else if (field === 'type') type = { start, end };
  });
  let tensor: Span | undefined;
  if (type) {
    reader.visit(TYPE, type, (field, start, end) => {
      if (field === 'tensor_type') tensor = { start, end };
    });
  }
  if (!tensor) return { name, elementType: undefined, shape: [-1] };
  let elementType = 0;
  let shape: number[] | undefined;
  reader.visit(TENSOR_TYPE, tensor, (field, start, end) => {
    if (field === 'elem_type') elementType = reader.integer(start, end);
    else if (field === 'shape') shape = readShape(reader, { start, end });
  });
  const sizes = shape ?? [-1];
  elementsOf(
    name,
    sizes.map((size) => (size === -1 ? 1 : size)),
  );
  return { name, elementType, shape: sizes };
}

/** @throws ModelFileSignatureUnsupported for what is no tensor of the protocol */
export function toSignature(role: 'input' | 'output', { name, elementType, shape }: DeclaredValue): TensorSignature {
  const datatype = DATATYPES[elementType as keyof typeof DATATYPES];
  if (name === '' || datatype === undefined) {
    const got = elementType === undefined ? 'no tensor' : `element type ${elementType}`;
    throw ScanErrors.ModelFileSignatureUnsupported(
      `${role} '${name}': got ${got}, expected a named tensor of numbers, booleans or text`,
    );
  }
  return { name, datatype, shape };
}

function readShape(reader: OnnxReader, span: Span): number[] {
  const shape: number[] = [];
  reader.visit(SHAPE, span, (_, start, end) => {
    let size = -1;
    reader.visit(DIMENSION, { start, end }, (field, valueStart, valueEnd) => {
      if (field !== 'dim_value') return;
      size = reader.integer(valueStart, valueEnd);
      if (size < 0)
        throw ScanErrors.ModelFileTensorInvalid(`shape at byte ${valueStart}: got ${size}, expected 0 or more`);
    });
    shape.push(size);
  });
  return shape;
}
