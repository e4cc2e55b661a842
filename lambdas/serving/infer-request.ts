import { ServingErrors } from './errors.ts';
import type { NamedTensor, Signature, TensorSignature } from './tensor.ts';
import { decodeData, elementsOf, shown } from './tensor-data.ts';

/** A V2 inference request that fits the model: every input once, of its datatype and shape. */
export interface InferRequest {
  /** The caller's own id, echoed. */
  id?: string;
  /** In the order of the signature. */
  inputs: NamedTensor[];
  /** Names of the outputs asked for. @default all */
  outputs: readonly string[];
  /** The size of the free first dimension, which all inputs share. */
  rows: number;
}

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Own members only: a parsed `__proto__` or an absent `shape` never reads from a prototype. */
const member = (of: Members, name: string): unknown => (Object.hasOwn(of, name) ? of[name] : undefined);

/**
 * Checks a parsed body against the model's signature. Members that the protocol has and this server has no use for
 * (`parameters`) are passed over.
 *
 * @throws TensorMissing, TensorUnexpected, TensorTypeInvalid, TensorShapeInvalid, TensorValueInvalid, ValueNotFinite
 * @throws OutputUnknown @throws RequestUnreadable
 */
export function inferRequest(body: unknown, signature: Signature): InferRequest {
  if (!isObject(body)) throw ServingErrors.RequestUnreadable(`body: got ${shown(body)}, a request is an object`);
  const id = member(body, 'id');
  if (id !== undefined && (typeof id !== 'string' || id.length > 256)) {
    throw ServingErrors.RequestUnreadable(`id: got ${shown(id)}, an id is a text of at most 256 characters`);
  }
  const given = namedInputs(member(body, 'inputs'), signature);
  const inputs = signature.inputs.map((input) => {
    const tensor = given.get(input.name);
    if (!tensor) throw ServingErrors.TensorMissing(`input ${input.name}: got nothing, the model takes it`);
    return decodeTensor(input, tensor);
  });
  return {
    id: id?.isWellFormed() ? id : undefined,
    inputs,
    outputs: requestedOutputs(member(body, 'outputs'), signature),
    rows: sharedRows(inputs, signature),
  };
}

function namedInputs(inputs: unknown, signature: Signature): Map<string, Members> {
  if (!Array.isArray(inputs)) throw ServingErrors.TensorMissing(`inputs: got ${shown(inputs)}, inputs is a list`);
  const named = new Map<string, Members>();
  for (const [i, tensor] of inputs.entries()) {
    if (!isObject(tensor)) {
      throw ServingErrors.RequestUnreadable(`inputs[${i}]: got ${shown(tensor)}, an input is an object`);
    }
    const name = member(tensor, 'name');
    if (typeof name !== 'string' || !signature.inputs.some((input) => input.name === name)) {
      const known = signature.inputs.map((input) => input.name).join(', ');
      throw ServingErrors.TensorUnexpected(`inputs[${i}]: got name ${shown(name)}, the model takes ${known}`);
    }
    if (named.has(name)) throw ServingErrors.TensorUnexpected(`input ${name}: got it twice, each is given once`);
    named.set(name, tensor);
  }
  return named;
}

function decodeTensor(input: TensorSignature, tensor: Members): NamedTensor {
  const datatype = member(tensor, 'datatype');
  if (datatype !== input.datatype) {
    throw ServingErrors.TensorTypeInvalid(
      `input ${input.name}: got datatype ${shown(datatype)}, the model takes ${input.datatype}`,
    );
  }
  const elements = elementsOf(input, member(tensor, 'shape'));
  const shape = tensor['shape'] as number[];
  const data = decodeData(input, shape, elements, member(tensor, 'data'));
  return { name: input.name, datatype: input.datatype, shape, data };
}

/** @throws TensorShapeInvalid when inputs disagree about how many rows there are */
function sharedRows(inputs: readonly NamedTensor[], signature: Signature): number {
  let first: NamedTensor | undefined;
  for (const [i, input] of inputs.entries()) {
    if (signature.inputs[i]?.shape[0] !== -1) continue;
    first ??= input;
    if (input.shape[0] !== first.shape[0]) {
      throw ServingErrors.TensorShapeInvalid(
        `input ${input.name}: got ${input.shape[0]} rows, input ${first.name} has ${first.shape[0]}: all have the same`,
      );
    }
  }
  return first?.shape[0] ?? 1;
}

function requestedOutputs(outputs: unknown, signature: Signature): readonly string[] {
  const all = signature.outputs.map((output) => output.name);
  if (outputs === undefined) return all;
  if (!Array.isArray(outputs) || outputs.length > all.length) {
    throw ServingErrors.OutputUnknown(`outputs: got ${shown(outputs)}, outputs is a list of some of ${all.join(', ')}`);
  }
  if (outputs.length === 0) return all;
  const names = outputs.map((output, i) => {
    const name = isObject(output) ? member(output, 'name') : undefined;
    if (typeof name === 'string' && all.includes(name)) return name;
    throw ServingErrors.OutputUnknown(`outputs[${i}]: got name ${shown(name)}, the model gives ${all.join(', ')}`);
  });
  if (new Set(names).size !== names.length) {
    throw ServingErrors.OutputUnknown(`outputs: got ${names.join(', ')}, each is asked for once`);
  }
  return names;
}
