import {
  declareTensor,
  ElementType,
  numberTensor,
  type OnnxNode,
  writeGraph,
} from '../../lambdas/training/onnx-writer.ts';
import {
  bytesField,
  integerField,
  message,
  packedIntegers,
  stringField,
} from '../../lambdas/training/protobuf-writer.ts';

/** ONNX files of every kind, good and bad, field by field: numbers are those of onnx.proto. */

interface Parts {
  readonly nodes?: readonly OnnxNode[];
  readonly initializers?: readonly Uint8Array[];
  readonly inputs?: readonly Uint8Array[];
  readonly outputs?: readonly Uint8Array[];
}

/** A graph that doubles `x`, unless told otherwise. */
export const aGraph = ({
  nodes = [{ operator: 'Add', inputs: ['x', 'x'], outputs: ['y'] }],
  initializers = [],
  inputs = [declareTensor('x', ElementType.float, ['rows', 3])],
  outputs = [declareTensor('y', ElementType.float, ['rows', 3])],
}: Parts = {}): Uint8Array => writeGraph({ name: 'graph', nodes, initializers, inputs, outputs });

export const anOpset = (domain: string, version: number): Uint8Array =>
  message([stringField(1, domain), integerField(2, version)]);

/** A model around a graph; `more` are further fields of ModelProto. */
export const aModelFile = (graph: Uint8Array = aGraph(), more: readonly Uint8Array[] = [], irVersion = 8): Uint8Array =>
  message([integerField(1, irVersion), bytesField(7, graph), bytesField(8, anOpset('', 17)), ...more]);

/** A tensor of float32, with fields of TensorProto beside or instead of the usual ones. */
export const aTensor = (
  dims: readonly number[],
  bytes: number,
  more: readonly Uint8Array[] = [],
  type = 1,
): Uint8Array =>
  message([
    packedIntegers(1, dims),
    integerField(2, type),
    stringField(8, 'weights'),
    bytesField(9, new Uint8Array(bytes)),
    ...more,
  ]);

/** A tensor whose data lies elsewhere. */
export const anExternalTensor = (location = 'secrets.txt'): Uint8Array =>
  message([
    packedIntegers(1, [4]),
    integerField(2, 1),
    stringField(8, 'weights'),
    bytesField(13, message([stringField(1, 'location'), stringField(2, location)])),
    integerField(14, 1),
  ]);

export const aSparseTensor = (values: Uint8Array, indices: Uint8Array): Uint8Array =>
  message([bytesField(1, values), bytesField(2, indices), packedIntegers(3, [8])]);

export const someIndices = (): Uint8Array => numberTensor('indices', ElementType.int64, [4], [0, 1, 2, 3]);

/** A node with one attribute given as its encoded value field. */
export const aNodeWith = (attribute: Uint8Array, operator = 'Constant'): Uint8Array =>
  message([
    stringField(2, 'out'),
    stringField(4, operator),
    bytesField(5, message([stringField(1, 'value'), attribute])),
  ]);

/** A graph of one encoded node. */
export const aGraphOf = (node: Uint8Array): Uint8Array => message([bytesField(1, node), stringField(2, 'graph')]);

/** `depth` graphs, each inside a node of the one before. */
export function nestedGraphs(depth: number): Uint8Array {
  let graph = aGraph();
  for (let level = 1; level < depth; level++) {
    const branch = message([stringField(1, 'then_branch'), bytesField(6, graph), integerField(20, 5)]);
    const node = message([stringField(1, 'c'), stringField(2, 'y'), stringField(4, 'If'), bytesField(5, branch)]);
    const declared = declareTensor('y', ElementType.float, [1]);
    graph = message([
      bytesField(1, node),
      bytesField(11, declareTensor('c', 9 as ElementType, [])),
      bytesField(12, declared),
    ]);
  }
  return graph;
}
