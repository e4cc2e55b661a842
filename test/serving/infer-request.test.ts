import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inferRequest } from '../../lambdas/serving/infer-request.ts';
import { parseBody } from '../../lambdas/serving/request-body.ts';
import type { Datatype, NamedTensor, Signature } from '../../lambdas/serving/tensor.ts';
import { httpStatus, PlatformError } from '../../lambdas/shared/errors.ts';

/** A model with an input of every datatype. */
const SIGNATURE: Signature = {
  inputs: [
    { name: 'wind', datatype: 'FP32', shape: [-1, 1] },
    { name: 'matrix', datatype: 'FP64', shape: [-1, 3] },
    { name: 'count', datatype: 'INT64', shape: [-1] },
    { name: 'code', datatype: 'INT32', shape: [-1, 1] },
    { name: 'windy', datatype: 'BOOL', shape: [-1, 1] },
    { name: 'city', datatype: 'BYTES', shape: [-1] },
  ],
  outputs: [
    { name: 'probability', datatype: 'FP32', shape: [-1, 1] },
    { name: 'label', datatype: 'INT64', shape: [-1, 1] },
  ],
};

const ELEMENTS: Record<Datatype, fc.Arbitrary<unknown>> = {
  FP32: fc.float({ noNaN: true, noDefaultInfinity: true }),
  FP64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  INT64: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  INT32: fc.integer(),
  BOOL: fc.boolean(),
  BYTES: fc.string({ unit: 'grapheme', maxLength: 8 }),
};

/** A request that fits the signature, flat or nested. */
const aRequest = fc.integer({ min: 1, max: 4 }).chain((rows) =>
  fc
    .tuple(
      ...SIGNATURE.inputs.map(({ name, datatype, shape }) => {
        const width = shape[1] ?? 1;
        return fc
          .tuple(fc.array(ELEMENTS[datatype], { minLength: rows * width, maxLength: rows * width }), fc.boolean())
          .map(([flat, nested]) => ({
            name,
            datatype,
            shape: shape.map((size) => (size === -1 ? rows : size)),
            data:
              nested && shape.length === 2
                ? Array.from({ length: rows }, (_, row) => flat.slice(row * width, (row + 1) * width))
                : flat,
          }));
      }),
    )
    .map((inputs) => ({ id: 'a', inputs, outputs: [{ name: 'label' }] })),
);

const ODD: unknown[] = [
  null,
  undefined,
  true,
  'x',
  '',
  -1,
  0,
  1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e300,
  65536 ** 4,
  '9223372036854775808',
  '\ud800',
  [],
  {},
  [[]],
  [1, [2]],
  { length: 3 },
  { __proto__: null, shape: [1] },
  'FP32',
  'wind',
  '__proto__',
  'constructor',
];

type Json = Record<string, unknown> | unknown[];

/** Every place in a value that something else can stand in. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const members = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [path, ...[...members].flatMap(([key, member]) => places(member, [...path, key]))];
}

/** A request with one place, chosen at random, replaced, removed or doubled. */
const aMutation = fc
  .tuple(aRequest, fc.nat(), fc.constantFrom('replace', 'remove', 'double', 'keep', 'keep'), fc.constantFrom(...ODD))
  .map(([request, place, how, odd]) => {
    const copy = structuredClone(request) as Json;
    const path = places(copy)[place % places(copy).length] as (string | number)[];
    const last = path.at(-1);
    if (last === undefined || how === 'keep') return how === 'replace' ? odd : copy;
    const parent = path.slice(0, -1).reduce<Json>((at, key) => (at as Record<string, Json>)[key] as Json, copy);
    if (Array.isArray(parent)) {
      if (how === 'replace') parent[last as number] = odd;
      else
        parent.splice(last as number, how === 'remove' ? 1 : 0, ...(how === 'double' ? [parent[last as number]] : []));
    } else if (how === 'remove') delete parent[last];
    else parent[last] = odd;
    return copy;
  });

/** What the codec says to a body: the tensors, or the error's status and name. */
function answerTo(body: string): { inputs: NamedTensor[] } | { status: number; name: string; message: string } {
  try {
    return inferRequest(parseBody(body, false), SIGNATURE);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { status: httpStatus(error), name: error.name, message: error.message };
  }
}

const asJson = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

describe('decoding an inference request', () => {
  test('gives every tensor as it was sent', () => {
    fc.assert(
      fc.property(aRequest, (request) => {
        const answer = answerTo(JSON.stringify(request, asJson));
        if (!('inputs' in answer)) throw new Error(answer.message);
        for (const [i, { data, shape }] of answer.inputs.entries()) {
          const sent = request.inputs[i] as (typeof request.inputs)[number];
          expect(shape).toEqual(sent.shape);
          const flat = sent.data.flat() as unknown[];
          expect(
            Array.from(data as ArrayLike<unknown>, (value) => (sent.datatype === 'BOOL' ? value === 1 : String(value))),
          ).toEqual(flat.map((value) => (sent.datatype === 'BOOL' ? value : String(Object.is(value, -0) ? 0 : value))));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('takes a changed request, or refuses it with the client’s fault, a name and a reason; a third pass', () => {
    let passed = 0;
    let all = 0;
    fc.assert(
      fc.property(aMutation, (body) => {
        const text = JSON.stringify(body, asJson) ?? 'null';
        const answer = answerTo(text);
        all++;
        if ('inputs' in answer) {
          passed++;
          for (const { data, shape } of answer.inputs) {
            expect(data).toHaveLength(shape.reduce((product, size) => product * size, 1));
          }
        } else {
          expect(answer).toMatchObject({ status: 400, name: expect.stringMatching(/^[A-Z]\w+$/) });
          expect(answer.message.length).toBeLessThan(500);
        }
      }),
      { numRuns: 4000 },
    );
    expect(passed / all).toBeGreaterThan(0.3);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('refuses a body that was cut or garbled without an error of its own', () => {
    const text = fc.tuple(aRequest, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([request, at, byte]) => {
      const whole = JSON.stringify(request, asJson);
      const cut = at % whole.length;
      return byte < 128 ? whole.slice(0, cut) : whole.slice(0, cut) + String.fromCharCode(byte) + whole.slice(cut + 1);
    });
    fc.assert(
      fc.property(text, (body) => {
        const answer = answerTo(body);
        if (!('inputs' in answer)) expect(answer.status).toBe(400);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['a whole number beyond 2^53', [2 ** 53], 'TensorValueInvalid'],
    ['a text beyond 64 bits', ['9223372036854775808'], 'TensorValueInvalid'],
    ['a fraction', [1.5], 'TensorValueInvalid'],
  ])('refuses %s as INT64, which would change on the way', (_, data, name) => {
    const signature = { ...SIGNATURE, inputs: SIGNATURE.inputs.slice(2, 3) };
    const request = { inputs: [{ name: 'count', datatype: 'INT64', shape: [1], data }] };
    expect(() => inferRequest(request, signature)).toThrow(expect.objectContaining({ name }));
  });

  test('takes a text as INT64 to the last digit', () => {
    const signature = { ...SIGNATURE, inputs: SIGNATURE.inputs.slice(2, 3) };
    const request = {
      inputs: [{ name: 'count', datatype: 'INT64', shape: [2], data: ['-9223372036854775808', '9223372036854775807'] }],
    };
    expect(inferRequest(request, signature).inputs[0]?.data).toEqual(new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]));
  });

  test.each([31, 32, 33, 1e4, 1e6])('decides about %p levels of nesting in time', (levels) => {
    const began = performance.now();
    const answer = answerTo(`{"inputs":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`);
    expect(answer).toMatchObject({ status: 400, name: levels > 32 ? 'RequestUnreadable' : expect.any(String) });
    expect(performance.now() - began).toBeLessThan(100);
  });

  test('does not take brackets in texts for nesting', () => {
    const signature: Signature = { inputs: [{ name: 'city', datatype: 'BYTES', shape: [-1] }], outputs: [] };
    const data = ['[[[['.repeat(20), '\\"[{'.repeat(20)];
    const body = JSON.stringify({ inputs: [{ name: 'city', datatype: 'BYTES', shape: [2], data }] });
    expect(inferRequest(parseBody(body, false), signature).inputs[0]?.data).toEqual(data);
  });
});
