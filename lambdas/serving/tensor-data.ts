import { ServingErrors } from './errors.ts';
import type { Datatype, TensorElements, TensorSignature } from './tensor.ts';

/**
 * No tensor holds more: a body within its limit has no room for more elements. Shapes are multiplied against it
 * before anything is allocated, so a product never overflows.
 */
const MAX_ELEMENTS = 3_200_000;

/** What is above this rounds to infinity in 32 bits (the midpoint between the largest float and 2^128). */
const FP32_LIMIT = 3.4028235677973366e38;

/**
 * The number of elements of a shape that a request gives for an input.
 * @throws TensorShapeInvalid
 */
export function elementsOf(input: TensorSignature, shape: unknown): number {
  const refuse = (rule: string) =>
    ServingErrors.TensorShapeInvalid(`input ${input.name}: got shape ${shown(shape)}, ${rule}`);
  if (!Array.isArray(shape)) throw refuse('a shape is a list of whole numbers');
  if (shape.length !== input.shape.length) throw refuse(`the model takes [${input.shape.join(', ')}]`);
  let elements = 1;
  for (const [i, size] of (shape as unknown[]).entries()) {
    if (!Number.isSafeInteger(size) || (size as number) < 1) throw refuse('every dimension is a whole number from 1');
    const wanted = input.shape[i] as number;
    if (wanted !== -1 && wanted !== size) throw refuse(`the model takes [${input.shape.join(', ')}]`);
    elements *= size as number;
    if (elements > MAX_ELEMENTS) throw refuse(`a tensor has at most ${MAX_ELEMENTS} elements`);
  }
  return elements;
}

/**
 * A request's `data`, flat or nested row by row, as the elements of a tensor of a checked shape.
 * @throws TensorShapeInvalid when it does not hold exactly the shape's elements
 * @throws TensorValueInvalid, ValueNotFinite when an element is not of the input's datatype
 */
export function decodeData(
  input: TensorSignature,
  shape: readonly number[],
  elements: number,
  data: unknown,
): TensorElements {
  if (!Array.isArray(data)) {
    throw ServingErrors.TensorValueInvalid(`input ${input.name}: got data ${shown(data)}, data is a list`);
  }
  const flat = Array.isArray(data[0]) ? flattened(input, shape, elements, data) : data;
  if (flat.length !== elements) {
    throw ServingErrors.TensorShapeInvalid(
      `input ${input.name}: got ${flat.length} elements, shape [${shape.join(', ')}] holds ${elements}`,
    );
  }
  return DECODERS[input.datatype](flat, (at, rule) => refused(input, at, flat[at], rule));
}

/** Nested lists as one, each level as long as the shape says. */
function flattened(
  input: TensorSignature,
  shape: readonly number[],
  elements: number,
  data: readonly unknown[],
): unknown[] {
  const flat: unknown[] = [];
  const visit = (value: unknown, depth: number) => {
    if (depth === shape.length) {
      flat.push(value);
      return;
    }
    if (!Array.isArray(value) || value.length !== shape[depth]) {
      throw ServingErrors.TensorShapeInvalid(
        `input ${input.name}: got ${Array.isArray(value) ? `a list of ${value.length}` : shown(value)} behind element ${flat.length} of ${elements}, nested data has ${shape[depth]} at depth ${depth + 1} of shape [${shape.join(', ')}]`,
      );
    }
    for (const element of value) visit(element, depth + 1);
  };
  visit(data, 0);
  return flat;
}

type Refuse = (at: number, rule: string) => Error;
type Decode = (flat: readonly unknown[], refuse: Refuse) => TensorElements;

const DECODERS: Record<Datatype, Decode> = {
  FP32(flat, refuse) {
    const data = new Float32Array(flat.length);
    for (let i = 0; i < flat.length; i++) {
      const value = flat[i];
      if (typeof value !== 'number' || !(value < FP32_LIMIT && value > -FP32_LIMIT)) {
        throw refuse(i, 'FP32 takes finite numbers of 32 bits');
      }
      data[i] = value;
    }
    return data;
  },
  FP64(flat, refuse) {
    const data = new Float64Array(flat.length);
    for (let i = 0; i < flat.length; i++) {
      const value = flat[i];
      if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse(i, 'FP64 takes finite numbers');
      data[i] = value;
    }
    return data;
  },
  INT32(flat, refuse) {
    const data = new Int32Array(flat.length);
    for (let i = 0; i < flat.length; i++) {
      const value = flat[i];
      if (typeof value !== 'number' || (value | 0) !== value) throw refuse(i, 'INT32 takes whole numbers of 32 bits');
      data[i] = value;
    }
    return data;
  },
  INT64(flat, refuse) {
    const rule = 'INT64 takes whole numbers of 64 bits, as text where they are beyond 2^53';
    const data = new BigInt64Array(flat.length);
    for (let i = 0; i < flat.length; i++) {
      const value = flat[i];
      // Beyond 2^53 the parser has rounded a number already; a text arrives as it was sent.
      const whole = Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,19}$/.test(value));
      const exact = whole ? BigInt(value as number | string) : undefined;
      if (exact === undefined || BigInt.asIntN(64, exact) !== exact) throw refuse(i, rule);
      data[i] = exact;
    }
    return data;
  },
  BOOL(flat, refuse) {
    const data = new Uint8Array(flat.length);
    for (let i = 0; i < flat.length; i++) {
      const value = flat[i];
      if (typeof value !== 'boolean') throw refuse(i, 'BOOL takes true and false');
      data[i] = value ? 1 : 0;
    }
    return data;
  },
  BYTES(flat, refuse) {
    return flat.map((value, i) => {
      if (typeof value !== 'string' || !value.isWellFormed()) throw refuse(i, 'BYTES takes texts of Unicode');
      return value;
    });
  },
};

const refused = (input: TensorSignature, at: number, value: unknown, rule: string) => {
  const message = `input ${input.name}: data[${at}]: got ${shown(value)}, ${rule}`;
  // `null` is how JSON writers put a NaN; a parsed number that is not finite was written as 1e999.
  const notFinite = value === null || (typeof value === 'number' && !Number.isFinite(value));
  return notFinite
    ? ServingErrors.ValueNotFinite(`${message}; this model declares no missing values`)
    : ServingErrors.TensorValueInvalid(message);
};

/** A value as a message shows it: never a whole list or object, whatever its size. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40).toWellFormed()}…` : value);
  }
  if (Array.isArray(value)) {
    const plain = value.length <= 8 && value.every((each) => typeof each === 'number');
    return plain ? `[${value.join(', ')}]` : `a list of ${value.length}`;
  }
  if (value === undefined) return 'nothing';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
