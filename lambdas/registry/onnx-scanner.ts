import { OnnxReader, type Span } from './onnx-reader.ts';
import { ATTRIBUTE, FUNCTION, GRAPH, MODEL, NODE, OPSET, TRAINING } from './onnx-schema.ts';
import { type DeclaredValue, readDeclaredValue, type TensorSignature, toSignature } from './onnx-signature.ts';
import { scanSparseTensor, scanTensor } from './onnx-tensor-scan.ts';
import { ScanErrors } from './scan-errors.ts';

/** What a clean file says about itself. */
export interface ScannedModel {
  readonly irVersion: number;
  /** Version by domain, '' for the standard operators. */
  readonly opsets: Readonly<Record<string, number>>;
  /** What a caller sends: graph inputs without those that an initializer fills. */
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
  /** Subgraphs included. */
  readonly nodes: number;
  readonly initializers: number;
  readonly bytes: number;
}

export interface ScanOptions {
  /** @default 100 MB */
  readonly maximumBytes?: number;
  /** Graphs within graphs. @default 32 */
  readonly maximumDepth?: number;
}

const STANDARD_DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx']);
const DOMAINS: ReadonlySet<string> = new Set([...STANDARD_DOMAINS, 'ai.onnx.ml']);
/** A `Loop` without end blocks the event loop of the serving process, and no timer can stop it (measured). */
const ENDLESS: ReadonlySet<string> = new Set(['Loop', 'Scan']);
/** What onnxruntime 1.30 loads (measured): newer files fail there, and this table cannot vouch for them. */
const IR_VERSIONS = { least: 3, most: 13 };

/**
 * Reads an ONNX file without running or loading it, and refuses what could reach outside the file, exhaust the
 * process, or be understood otherwise by the runtime.
 * @throws every error of `ScanErrors`
 */
export function scanOnnx(bytes: Uint8Array, options: ScanOptions = {}): ScannedModel {
  const { maximumBytes = 100_000_000, maximumDepth = 32 } = options;
  if (bytes.length > maximumBytes) {
    throw ScanErrors.ModelFileTooLarge(`model file: got ${bytes.length} bytes, expected at most ${maximumBytes}`);
  }
  // onnxruntime takes bytes with this mark for its own flatbuffer format, whatever else they are.
  if (String.fromCharCode(...bytes.subarray(4, 8)) === 'ORTM') {
    throw ScanErrors.ModelFileMalformed("model file: got the mark 'ORTM' at byte 4, expected ONNX");
  }
  return new Scan(new OnnxReader(bytes), maximumDepth).model();
}

class Scan {
  readonly #reader: OnnxReader;
  readonly #maximumDepth: number;
  #nodes = 0;
  #initializers = 0;

  constructor(reader: OnnxReader, maximumDepth: number) {
    this.#reader = reader;
    this.#maximumDepth = maximumDepth;
  }

  model(): ScannedModel {
    const opsets: Record<string, number> = {};
    let irVersion: number | undefined;
    let graph: Graph | undefined;
    this.#reader.visit(MODEL, { start: 0, end: this.#reader.bytes.length }, (field, start, end) => {
      if (field === 'ir_version') irVersion = this.#reader.integer(start, end);
      else if (field === 'opset_import') this.#opset({ start, end }, opsets);
      else if (field === 'graph') graph = this.#graph({ start, end }, 1);
      else if (field === 'training_info') this.#training({ start, end });
      else if (field === 'functions') this.#function({ start, end });
    });
    if (irVersion === undefined || graph === undefined) {
      throw ScanErrors.ModelFileMalformed('model file: got no ir_version or no graph, expected an ONNX model');
    }
    if (irVersion < IR_VERSIONS.least || irVersion > IR_VERSIONS.most) {
      const { least, most } = IR_VERSIONS;
      throw ScanErrors.ModelFileVersionUnsupported(`ir_version: got ${irVersion}, expected ${least} to ${most}`);
    }
    const { inputs, outputs, filled } = graph;
    return {
      irVersion,
      opsets,
      inputs: signatures(
        'input',
        inputs.filter(({ name }) => !filled.has(name)),
      ),
      outputs: signatures('output', outputs),
      nodes: this.#nodes,
      initializers: this.#initializers,
      bytes: this.#reader.bytes.length,
    };
  }

  #graph(span: Span, depth: number): Graph {
    if (depth > this.#maximumDepth) {
      throw ScanErrors.ModelFileTooDeep(
        `graph at byte ${span.start}: depth ${depth}, expected at most ${this.#maximumDepth}`,
      );
    }
    const graph: Graph = { inputs: [], outputs: [], filled: new Set() };
    this.#reader.visit(GRAPH, span, (field, start, end) => {
      if (field === 'node') this.#node({ start, end }, depth);
      else if (field === 'initializer' || field === 'sparse_initializer') {
        const scan = field === 'initializer' ? scanTensor : scanSparseTensor;
        graph.filled.add(scan(this.#reader, { start, end }));
        this.#initializers++;
      } else if (field === 'input') graph.inputs.push(readDeclaredValue(this.#reader, { start, end }));
      else if (field === 'output') graph.outputs.push(readDeclaredValue(this.#reader, { start, end }));
      else if (field === 'value_info') readDeclaredValue(this.#reader, { start, end });
    });
    return graph;
  }

  #node(span: Span, depth: number): void {
    let operator = '';
    let domain = '';
    this.#nodes++;
    this.#reader.visit(NODE, span, (field, start, end) => {
      if (field === 'op_type') operator = this.#reader.text(start, end);
      else if (field === 'domain') domain = this.#reader.text(start, end);
      else if (field === 'attribute') this.#attribute({ start, end }, depth);
    });
    requireDomain(`operator ${operator}`, domain);
    if (operator === '') throw ScanErrors.ModelFileMalformed(`node at byte ${span.start}: got no op_type`);
    if (ENDLESS.has(operator)) {
      throw ScanErrors.ModelFileOperatorRefused(
        `operator ${operator}: may run without end, expected a graph without it`,
      );
    }
  }

  #attribute(span: Span, depth: number): void {
    this.#reader.visit(ATTRIBUTE, span, (field, start, end) => {
      if (field === 't' || field === 'tensors') scanTensor(this.#reader, { start, end });
      else if (field === 'sparse_tensor' || field === 'sparse_tensors') scanSparseTensor(this.#reader, { start, end });
      else if (field === 'g' || field === 'graphs') this.#graph({ start, end }, depth + 1);
    });
  }

  #opset(span: Span, opsets: Record<string, number>): void {
    let domain = '';
    let version = 0;
    this.#reader.visit(OPSET, span, (field, start, end) => {
      if (field === 'domain') domain = this.#reader.text(start, end);
      else version = this.#reader.integer(start, end);
    });
    requireDomain('opset_import', domain);
    opsets[STANDARD_DOMAINS.has(domain) ? '' : domain] = version;
  }

  #training(span: Span): void {
    this.#reader.visit(TRAINING, span, (field, start, end) => {
      if (field === 'initialization' || field === 'algorithm') this.#graph({ start, end }, 1);
    });
  }

  /** Looked through like a graph, so that its worst is named; refused in any case, as it may call itself. */
  #function(span: Span): void {
    let name = '';
    let domain = '';
    this.#reader.visit(FUNCTION, span, (field, start, end) => {
      if (field === 'name') name = this.#reader.text(start, end);
      else if (field === 'domain') domain = this.#reader.text(start, end);
      else if (field === 'node') this.#node({ start, end }, 1);
      else if (field === 'attribute_proto') this.#attribute({ start, end }, 1);
      else if (field === 'opset_import') this.#opset({ start, end }, {});
    });
    throw ScanErrors.ModelFileOperatorRefused(`function ${domain}.${name}: got a local function, expected none`);
  }
}

interface Graph {
  readonly inputs: DeclaredValue[];
  readonly outputs: DeclaredValue[];
  readonly filled: Set<string>;
}

function requireDomain(where: string, domain: string): void {
  if (!DOMAINS.has(domain)) {
    throw ScanErrors.ModelFileOperatorRefused(`${where}: got domain '${domain}', expected 'ai.onnx' or 'ai.onnx.ml'`);
  }
}

function signatures(role: 'input' | 'output', values: readonly DeclaredValue[]): TensorSignature[] {
  const list = values.map((value) => toSignature(role, value));
  const names = new Set(list.map(({ name }) => name));
  if (list.length === 0 || names.size < list.length) {
    throw ScanErrors.ModelFileSignatureUnsupported(
      `${role}s: got ${list.length} of ${names.size} names, expected at least one, each name once`,
    );
  }
  return list;
}
