import {
  bytesField,
  float32Bytes,
  float64Bytes,
  floatField,
  int64Bytes,
  integerField,
  message,
  packedFloats,
  packedIntegers,
  stringField,
} from './protobuf-writer.ts';

/**
 * Writes ONNX models (github.com/onnx/onnx, onnx/onnx.proto; field numbers are those of IR version 8).
 * Every function gives one encoded message; equal input is equal bytes.
 */

/** TensorProto.DataType */
export const ElementType = { float: 1, int64: 7, string: 8, double: 11 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

/** One attribute of a node by the kind of its value: AttributeProto's `type` tells readers which field holds it. */
export type Attribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly string: string }
  | { readonly tensor: Uint8Array }
  | { readonly graph: Uint8Array }
  | { readonly floats: ArrayLike<number> }
  | { readonly ints: ArrayLike<number> }
  | { readonly strings: readonly string[] };

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** @default '' the standard operators */
  readonly domain?: string;
}

export interface OnnxGraph {
  readonly name: string;
  /** In an order in which every node comes after the nodes it reads from. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers?: readonly Uint8Array[];
  readonly inputs?: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

export interface OnnxModel {
  readonly irVersion: number;
  /** Operator set version by domain, '' for the standard operators. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly graph: OnnxGraph;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** ModelProto */
export const writeModel = ({ irVersion, opsets, producer, graph, metadata = {} }: OnnxModel): Uint8Array =>
  message([
    integerField(1, irVersion),
    stringField(2, producer),
    bytesField(7, writeGraph(graph)),
    ...Object.entries(opsets).map(([domain, version]) =>
      bytesField(8, message([stringField(1, domain), integerField(2, version)])),
    ),
    ...Object.entries(metadata).map(([key, value]) =>
      bytesField(14, message([stringField(1, key), stringField(2, value)])),
    ),
  ]);

/** GraphProto */
export const writeGraph = ({ name, nodes, initializers = [], inputs = [], outputs }: OnnxGraph): Uint8Array =>
  message([
    ...nodes.map((node, i) => bytesField(1, writeNode(node, `${name}/${i}/${node.operator}`))),
    stringField(2, name),
    ...initializers.map((tensor) => bytesField(5, tensor)),
    ...inputs.map((input) => bytesField(11, input)),
    ...outputs.map((output) => bytesField(12, output)),
  ]);

/** ValueInfoProto of a tensor; a size given as text is variable and the text its name. */
export const declareTensor = (name: string, type: ElementType, shape: readonly (number | string)[]): Uint8Array => {
  const dimensions = shape.map((size) =>
    bytesField(1, typeof size === 'number' ? integerField(1, size) : stringField(2, size)),
  );
  const tensorType = message([integerField(1, type), bytesField(2, message(dimensions))]);
  return message([stringField(1, name), bytesField(2, bytesField(1, tensorType))]);
};

/** TensorProto of numbers, as raw little-endian bytes in row-major order. */
export const numberTensor = (
  name: string,
  type: Exclude<ElementType, typeof ElementType.string>,
  shape: readonly number[],
  values: ArrayLike<number>,
): Uint8Array =>
  message([
    packedIntegers(1, shape),
    integerField(2, type),
    stringField(8, name),
    bytesField(9, rawBytes(type, values)),
  ]);

/** TensorProto of strings, which have no raw form. */
export const stringTensor = (name: string, shape: readonly number[], values: readonly string[]): Uint8Array =>
  message([
    packedIntegers(1, shape),
    integerField(2, ElementType.string),
    ...values.map((value) => stringField(6, value)),
    stringField(8, name),
  ]);

function rawBytes(type: ElementType, values: ArrayLike<number>): Uint8Array {
  if (type === ElementType.float) return float32Bytes(values);
  return type === ElementType.double ? float64Bytes(values) : int64Bytes(values);
}

const writeNode = ({ operator, inputs, outputs, attributes = {}, domain = '' }: OnnxNode, name: string): Uint8Array =>
  message([
    ...inputs.map((input) => stringField(1, input)),
    ...outputs.map((output) => stringField(2, output)),
    stringField(3, name),
    stringField(4, operator),
    ...Object.entries(attributes).map(([key, value]) => bytesField(5, writeAttribute(key, value))),
    ...(domain === '' ? [] : [stringField(7, domain)]),
  ]);

/** The value's field, then `type` (AttributeProto.AttributeType), which onnxruntime insists on. */
function writeAttribute(name: string, value: Attribute): Uint8Array {
  const typed = (type: number, ...fields: Uint8Array[]) =>
    message([stringField(1, name), ...fields, integerField(20, type)]);
  if ('float' in value) return typed(1, floatField(2, value.float));
  if ('int' in value) return typed(2, integerField(3, value.int));
  if ('string' in value) return typed(3, stringField(4, value.string));
  if ('tensor' in value) return typed(4, bytesField(5, value.tensor));
  if ('graph' in value) return typed(5, bytesField(6, value.graph));
  if ('floats' in value) return typed(6, packedFloats(7, value.floats));
  if ('ints' in value) return typed(7, packedIntegers(8, value.ints));
  return typed(8, ...value.strings.map((text) => stringField(9, text)));
}
