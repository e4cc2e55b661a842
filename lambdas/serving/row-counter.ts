import { type Baseline, binIndex } from '../training/contract.ts';
import { countAnswers } from './answer-bin.ts';
import { ServingErrors } from './errors.ts';
import type { InferRequest } from './infer-request.ts';
import type { BinCounts, RowCounts } from './request-line.ts';
import type { NamedTensor, Signature, TensorElements } from './tensor.ts';

/** Counts a request's rows and their answers by the bins of a baseline. */
export interface RowCounter {
  /** The output that the baseline is of: computed for every request, whatever outputs it asks for. */
  watched: string;
  count(request: Pick<InferRequest, 'inputs' | 'rows'>, outputs: readonly NamedTensor[]): RowCounts;
}

/** Where a baseline column's values lie: every `stride`-th element from `offset` of one tensor. */
interface Column {
  name: string;
  tensor: number;
  offset: number;
  stride: number;
  edges: Float32Array | Float64Array;
}

/**
 * @param bytes a bundle's `baseline.json`, verified
 * @throws ModelUnsupported when a column of the baseline is nowhere in the model's tensors
 */
export function rowCounter(bytes: Uint8Array, signature: Signature): RowCounter {
  const baseline = JSON.parse(Buffer.from(bytes).toString('utf8')) as Baseline;
  const features = baseline.features.map(({ name, edges }, j) => ({
    ...placeOf(name, j, baseline.features.length, signature),
    edges: Float64Array.from(edges),
  }));
  const output = watchedOutput(baseline.output.name, signature);
  const outputEdges = Float64Array.from(baseline.output.edges);
  // One for all columns and requests: nothing is allocated for a row.
  const scratch = new Uint32Array(Math.max(0, ...features.map(({ edges }) => edges.length), outputEdges.length) + 2);
  return {
    watched: output,
    count({ inputs, rows }, outputs) {
      const counts: RowCounts = { features: {}, outputs: [], answers: {} };
      for (const { name, tensor, offset, stride, edges } of features) {
        const { data } = inputs[tensor] as NamedTensor;
        counts.features[name] = binsOf(data, rows, offset, stride, edges, scratch);
      }
      const answers = outputs.find(({ name }) => name === output);
      if (!answers) return counts;
      // The last of several scores of a row: a binary classifier's is that of the positive class.
      const stride = answers.data.length / rows;
      counts.outputs = binsOf(answers.data, rows, stride - 1, stride, outputEdges, scratch);
      counts.answers = countAnswers(answers.data, stride - 1, stride);
      return counts;
    },
  };
}

function binsOf(
  data: TensorElements,
  rows: number,
  offset: number,
  stride: number,
  edges: Float64Array,
  scratch: Uint32Array,
): BinCounts {
  if (rows === 1) return [binIndex(edges, Number(data[offset])), 1];
  scratch.fill(0);
  for (let row = 0, at = offset; row < rows; row++, at += stride) {
    const bin = binIndex(edges, Number(data[at]));
    scratch[bin] = (scratch[bin] as number) + 1;
  }
  const counts: BinCounts = [];
  for (let bin = 0; bin < edges.length + 2; bin++) {
    if (scratch[bin]) counts.push(bin, scratch[bin] as number);
  }
  return counts;
}

/** A feature is an input of its own, or a column of the one matrix that the model takes. */
function placeOf(name: string, position: number, width: number, { inputs }: Signature): Omit<Column, 'edges'> {
  const own = inputs.findIndex((input) => input.name === name && isNumeric(input.datatype) && columnsOf(input) === 1);
  if (own !== -1) return { name, tensor: own, offset: 0, stride: 1 };
  const [matrix] = inputs;
  if (inputs.length === 1 && matrix && isNumeric(matrix.datatype) && columnsOf(matrix) === width) {
    return { name, tensor: 0, offset: position, stride: width };
  }
  throw ServingErrors.ModelUnsupported(
    `baseline: feature ${name} is neither an input with one number a row nor a column of the one input`,
  );
}

function watchedOutput(name: string, { outputs }: Signature): string {
  const output = outputs.find((each) => each.name === name);
  if (output && isNumeric(output.datatype)) return name;
  throw ServingErrors.ModelUnsupported(`baseline: output ${name} is no numeric output of the model`);
}

const isNumeric = (datatype: string): boolean => datatype !== 'BYTES';
/** Numbers a row: the product of what follows the rows; a free size there is none that a column could have. */
const columnsOf = ({ shape }: { shape: readonly number[] }): number =>
  shape.slice(1).reduce((product, size) => product * size, 1);
