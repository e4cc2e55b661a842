import { describe, expect, test } from '@jest/globals';
import { scanOnnx } from '../../lambdas/registry/onnx-scanner.ts';
import {
  declareTensor,
  type ElementType,
  numberTensor,
  type OnnxNode,
  stringTensor,
} from '../../lambdas/training/onnx-writer.ts';
import {
  bytesField,
  integerField,
  message,
  packedIntegers,
  stringField,
} from '../../lambdas/training/protobuf-writer.ts';
import {
  aGraph,
  aGraphOf,
  aModelFile,
  aNodeWith,
  anExternalTensor,
  anOpset,
  aSparseTensor,
  aTensor,
  nestedGraphs,
  someIndices,
} from '../builders/onnx-file.ts';

const named = (name: string, text = '') => expect.objectContaining({ name, message: expect.stringContaining(text) });
const scanning =
  (graph: Uint8Array, more: Uint8Array[] = []) =>
  () =>
    scanOnnx(aModelFile(graph, more));
const withInitializer = (tensor: Uint8Array) => aGraph({ initializers: [tensor] });

describe('a clean model file', () => {
  test('says its signature in the words of the Open Inference Protocol', () => {
    const bytes = aModelFile();
    expect(scanOnnx(bytes)).toEqual({
      irVersion: 8,
      opsets: { '': 17 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 3] }],
      nodes: 1,
      initializers: 0,
      bytes: bytes.length,
    });
  });

  test.each([
    [1, 'FP32'],
    [2, 'UINT8'],
    [3, 'INT8'],
    [4, 'UINT16'],
    [5, 'INT16'],
    [6, 'INT32'],
    [7, 'INT64'],
    [8, 'BYTES'],
    [9, 'BOOL'],
    [10, 'FP16'],
    [11, 'FP64'],
    [12, 'UINT32'],
    [13, 'UINT64'],
    [16, 'BF16'],
  ])('element type %i is %s', (type, datatype) => {
    const inputs = [declareTensor('x', type as ElementType, [])];
    expect(scanOnnx(aModelFile(aGraph({ inputs }))).inputs).toEqual([{ name: 'x', datatype, shape: [] }]);
  });

  test('an input that an initializer fills is not asked of callers', () => {
    const inputs = [declareTensor('x', 1, ['rows', 3]), declareTensor('w', 1, [2])];
    const graph = aGraph({ inputs, initializers: [numberTensor('w', 1, [2], [1, 2])] });
    expect(scanOnnx(aModelFile(graph)).inputs.map(({ name }) => name)).toEqual(['x']);
  });

  test('a tensor of open rank has one variable size', () => {
    const open = message([stringField(1, 'x'), bytesField(2, bytesField(1, integerField(1, 1)))]);
    expect(scanOnnx(aModelFile(aGraph({ inputs: [open] }))).inputs[0]!.shape).toEqual([-1]);
  });

  test('may use the operators of classic machine learning, branches, and numbers as large as int64', () => {
    const nodes: OnnxNode[] = [
      {
        operator: 'Scaler',
        domain: 'ai.onnx.ml',
        inputs: ['x'],
        outputs: ['y'],
        attributes: { scale: { floats: [1] } },
      },
      { operator: 'If', inputs: ['c'], outputs: ['z'], attributes: { then_branch: { graph: aGraph() } } },
    ];
    const ends = message([stringField(2, 'e'), stringField(4, 'Constant'), bytesField(5, endless())]);
    const graph = message([aGraph({ nodes }), bytesField(1, ends)]);
    const { nodes: count, opsets } = scanOnnx(aModelFile(graph, [bytesField(8, anOpset('ai.onnx.ml', 3))]));
    expect({ count, opsets }).toEqual({ count: 4, opsets: { '': 17, 'ai.onnx.ml': 3 } });
  });

  test('may keep data as lists, packed or not, of every width', () => {
    const list = (field: number, type: number, dims: number[], bytes: number[]) =>
      message([packedIntegers(1, dims), integerField(2, type), bytesField(field, Uint8Array.from(bytes))]);
    const one = message([integerField(1, 2), integerField(2, 7), integerField(7, 5), integerField(7, 600)]);
    for (const tensor of [
      one,
      list(4, 1, [2], new Array(8).fill(0)),
      list(5, 9, [3], [0, 1, 1]),
      list(5, 21, [3], [0x21, 0x03]),
      list(10, 15, [1], new Array(16).fill(0)),
      list(11, 13, [1], [0xff, 0x01]),
      stringTensor('s', [2], ['a', 'b']),
      aTensor([0, 7], 0),
      aTensor([3], 2, [], 21),
    ]) {
      expect(scanOnnx(aModelFile(withInitializer(tensor))).initializers).toBe(1);
    }
  });
});

/** An `ints` attribute with the largest int64, as slices to the end have. */
const endless = () => message([stringField(1, 'ends'), bytesField(8, Uint8Array.of(...new Array(8).fill(0xff), 0x7f))]);

describe('external data is refused wherever it hides', () => {
  const external = anExternalTensor();
  const plain = aTensor([4], 16);
  const subgraph = (graph: Uint8Array) => aGraphOf(aNodeWith(bytesField(6, graph), 'If'));
  test.each([
    ['an initializer', withInitializer(external)],
    ['an initializer with a list of entries only', withInitializer(aTensor([4], 16, [bytesField(13, message([]))]))],
    ['an initializer with a location only', withInitializer(aTensor([4], 16, [integerField(14, 1)]))],
    ['an initializer with an unknown location', withInitializer(aTensor([4], 16, [integerField(14, 7)]))],
    ['the memory marker of onnxruntime', withInitializer(anExternalTensor('*/_ORT_MEM_ADDR_/*'))],
    ['an attribute', aGraphOf(aNodeWith(bytesField(5, external)))],
    ['an attribute of several tensors', aGraphOf(aNodeWith(bytesField(10, external)))],
    ['the values of a sparse initializer', message([bytesField(15, aSparseTensor(external, someIndices()))])],
    ['the indices of a sparse initializer', message([bytesField(15, aSparseTensor(plain, external))])],
    ['a sparse attribute', aGraphOf(aNodeWith(bytesField(22, aSparseTensor(external, someIndices()))))],
    ['one of several sparse attributes', aGraphOf(aNodeWith(bytesField(23, aSparseTensor(plain, external))))],
    ['a subgraph', subgraph(withInitializer(external))],
    ['a subgraph of a subgraph', subgraph(subgraph(withInitializer(external)))],
    ['one of several subgraphs', aGraphOf(aNodeWith(bytesField(11, withInitializer(external))))],
  ])('in %s', (_, graph) => {
    expect(scanning(graph)).toThrow(named('ModelFileExternalData', 'expected all data inside the file'));
  });

  test.each([
    ['a function', bytesField(25, message([bytesField(7, aNodeWith(bytesField(5, external)))]))],
    ['the default of a function', bytesField(25, message([bytesField(11, message([bytesField(5, external)]))]))],
    ['the training graph', bytesField(20, message([bytesField(2, withInitializer(external))]))],
    ['the initialisation for training', bytesField(20, message([bytesField(1, withInitializer(external))]))],
  ])('in %s', (_, field) => {
    expect(scanning(aGraph(), [field])).toThrow(named('ModelFileExternalData'));
  });
});

describe('operators', () => {
  const node = (operator: string, domain = '') =>
    aGraph({ nodes: [{ operator, domain, inputs: ['x'], outputs: ['y'] }] });
  test.each([
    ['a foreign domain of a node', node('Inverse', 'com.microsoft'), "got domain 'com.microsoft'"],
    ['an endless Loop', node('Loop'), 'operator Loop'],
    ['a Loop by the long name of the domain', node('Loop', 'ai.onnx'), 'operator Loop'],
    ['a Scan in a subgraph', aGraphOf(aNodeWith(bytesField(6, node('Scan')), 'If')), 'operator Scan'],
  ])('%s is refused', (_, graph, text) => {
    expect(scanning(graph)).toThrow(named('ModelFileOperatorRefused', text));
  });

  test.each([
    ['a foreign operator set', bytesField(8, anOpset('my.ops', 1)), "opset_import: got domain 'my.ops'"],
    ['a local function', bytesField(25, message([stringField(1, 'f')])), 'function .f: got a local function'],
    ['a function in a foreign domain', bytesField(25, message([stringField(10, 'pkg')])), 'function pkg.'],
  ])('%s is refused', (_, field, text) => {
    expect(scanning(aGraph(), [field])).toThrow(named('ModelFileOperatorRefused', text));
  });

  test('a node without an operator is malformed', () => {
    expect(scanning(aGraphOf(message([stringField(2, 'y')])))).toThrow(named('ModelFileMalformed', 'no op_type'));
  });
});

describe('tensors', () => {
  test.each([
    ['a negative size', aTensor([-1], 4), 'has a size of -1'],
    ['a size beyond every memory', aTensor([2 ** 40], 4), `has a size of ${2 ** 40}`],
    ['sizes whose product overflows', aTensor([2 ** 30, 2 ** 30, 2 ** 30], 4), 'more than'],
    ['less data than its sizes', aTensor([4], 15), 'has 15 bytes of data, expected 16 for [4]'],
    ['more data than its sizes', aTensor([4], 17), 'has 17 bytes of data, expected 16'],
    ['no data', message([packedIntegers(1, [4]), integerField(2, 1)]), 'has 0 entries in float_data, expected 4'],
    [
      'too short a list',
      message([packedIntegers(1, [4]), integerField(2, 7), packedIntegers(7, [1, 2])]),
      'has 2 entries',
    ],
    ['an unknown element type', aTensor([1], 4, [], 99), 'element type 99'],
    ['no element type', aTensor([1], 4, [], 0), 'element type 0'],
    ['text as raw bytes', aTensor([1], 1, [], 8), 'raw_data'],
    ['raw data and a list', aTensor([1], 4, [bytesField(4, new Uint8Array(4))]), 'raw_data beside'],
    ['the list of another type', aTensor([1], 4, [packedIntegers(7, [1])]), 'keeps element type 1 in int64_data'],
    ['a segment', aTensor([1], 4, [bytesField(3, new Uint8Array())]), 'is a segment'],
  ])('%s is refused', (_, tensor, text) => {
    expect(scanning(withInitializer(tensor))).toThrow(named('ModelFileTensorInvalid', text));
  });

  test('sizes are checked in shapes and sparse tensors as well', () => {
    const negative = named('ModelFileTensorInvalid', 'got -5');
    expect(scanning(aGraph({ inputs: [declareTensor('x', 1, [-5])] }))).toThrow(negative);
    expect(scanning(message([aGraph(), bytesField(13, declareTensor('v', 1, [-5]))]))).toThrow(negative);
    const sparse = message([bytesField(1, aTensor([4], 16)), packedIntegers(3, [-1])]);
    expect(scanning(message([bytesField(15, sparse)]))).toThrow(named('ModelFileTensorInvalid', 'has a size of -1'));
    const large = declareTensor('x', 1, [2 ** 20, 2 ** 20]);
    expect(scanning(aGraph({ inputs: [large] }))).toThrow(named('ModelFileTensorInvalid', 'more than'));
  });
});

describe('the file as a whole', () => {
  test('graphs nest to the cap and no deeper, however deep the file goes', () => {
    expect(scanOnnx(aModelFile(nestedGraphs(32))).nodes).toBe(32);
    expect(scanning(nestedGraphs(33))).toThrow(named('ModelFileTooDeep', 'depth 33, expected at most 32'));
    expect(scanning(nestedGraphs(600))).toThrow(named('ModelFileTooDeep'));
    expect(() => scanOnnx(aModelFile(nestedGraphs(3)), { maximumDepth: 2 })).toThrow(named('ModelFileTooDeep'));
  });

  test('a file beyond the cap is not read', () => {
    expect(() => scanOnnx(new Uint8Array(101), { maximumBytes: 100 })).toThrow(
      named('ModelFileTooLarge', 'got 101 bytes, expected at most 100'),
    );
  });

  test.each([
    ['nothing', ''],
    ['text', 'this is no model'],
    ['a pickle', '\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.'],
    ['a zip', 'PK\x03\x04\x14\x00\x00\x00\x08\x00'],
    ['JSON', '{"graph": []}'],
  ])('%s is malformed', (_, text) => {
    expect(() => scanOnnx(Buffer.from(text, 'latin1'))).toThrow(named('ModelFileMalformed'));
  });

  test('a file that onnxruntime would take for its own format is malformed, whatever ONNX it also is', () => {
    const polyglot = message([stringField(2, 'XXORTM'), aModelFile()]);
    expect(() => scanOnnx(polyglot)).toThrow(named('ModelFileMalformed', "the mark 'ORTM'"));
  });

  test.each([
    ['a field given twice', message([aModelFile(), bytesField(7, aGraph())]), 'graph is given twice'],
    ['a field that ONNX has not', message([aModelFile(), integerField(30, 1)]), 'field 30 is not known'],
    ['a field number beyond all', message([aModelFile(), integerField(5000, 1)]), 'is not known'],
    ['another kind of field', message([aModelFile(), integerField(14, 1)]), 'has wire type 0'],
    ['a group', Uint8Array.of(...aModelFile(), (14 << 3) | 3), 'has wire type 3'],
    ['field 0', Uint8Array.of(...aModelFile(), 0, 0), 'is not known'],
    ['an endless number', Uint8Array.of(8, ...new Array(11).fill(255), 1), 'more than 10 bytes'],
    ['a length beyond the end', Uint8Array.of(...aModelFile(), 0x72, 200, 1), 'ends beyond its message'],
    ['a length beyond all numbers', Uint8Array.of(0x3a, ...new Array(9).fill(255), 1), 'ends beyond its message'],
    ['a number beyond 2^53', Uint8Array.of(8, ...new Array(8).fill(255), 0x7f, ...aModelFile().subarray(2)), '±2^53'],
    ['a name that is no UTF-8', aModelFile(aGraphOf(message([bytesField(4, Uint8Array.of(0xff))]))), 'expected UTF-8'],
    ['a float cut short', aModelFile(aGraphOf(aNodeWith(Uint8Array.of((2 << 3) | 5, 0, 0)))), 'middle of a number'],
  ])('%s is malformed', (_, bytes, text) => {
    expect(() => scanOnnx(bytes)).toThrow(named('ModelFileMalformed', text));
  });

  test.each([2, 14])('ir_version %i is not supported', (irVersion) => {
    expect(() => scanOnnx(aModelFile(aGraph(), [], irVersion))).toThrow(
      named('ModelFileVersionUnsupported', `got ${irVersion}, expected 3 to 13`),
    );
  });

  test.each([
    [
      'an input that is a sequence',
      { inputs: [message([stringField(1, 'x'), bytesField(2, bytesField(4, message([])))])] },
    ],
    ['an input of complex numbers', { inputs: [declareTensor('x', 14 as ElementType, [])] }],
    ['an input without a name', { inputs: [declareTensor('', 1, [])] }],
    ['two inputs of one name', { inputs: [declareTensor('x', 1, []), declareTensor('x', 1, [])] }],
    ['no input', { inputs: [] }],
    ['no output', { outputs: [] }],
  ])('%s cannot be served', (_, parts) => {
    expect(scanning(aGraph(parts))).toThrow(named('ModelFileSignatureUnsupported'));
  });
});
