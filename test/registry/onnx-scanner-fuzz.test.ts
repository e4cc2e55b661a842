import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scanOnnx } from '../../lambdas/registry/onnx-scanner.ts';
import { ScanErrors } from '../../lambdas/registry/scan-errors.ts';
import { writeLogisticOnnx } from '../../lambdas/training/logistic-onnx.ts';
import { bytesField, message } from '../../lambdas/training/protobuf-writer.ts';
import {
  aGraph,
  aModelFile,
  aNodeWith,
  aSparseTensor,
  aTensor,
  nestedGraphs,
  someIndices,
} from '../builders/onnx-file.ts';

const features = ['precipitation', 'temp_max', 'temp_min', 'wind'];
const MODELS = [
  writeLogisticOnnx({
    features,
    mean: new Float64Array(4),
    scale: new Float64Array(4).fill(1),
    coefficients: new Float64Array(4),
    intercept: 0,
  }),
  aModelFile(nestedGraphs(5)),
  aModelFile(
    message([
      aGraph({ initializers: [aTensor([2, 2], 16)] }),
      bytesField(15, aSparseTensor(aTensor([4], 16), someIndices())),
      bytesField(1, aNodeWith(bytesField(5, aTensor([3], 12)))),
    ]),
  ),
];

/** A signature or a named refusal; anything else escapes and fails the test. */
function outcome(bytes: Uint8Array): string {
  try {
    return scanOnnx(bytes).inputs.length > 0 ? 'signature' : 'no inputs';
  } catch (error) {
    const { name } = error as Error;
    if (Object.hasOwn(ScanErrors.kinds, name)) return name;
    throw error;
  }
}

type Mutation = {
  kind: 'set' | 'flip' | 'insert' | 'remove' | 'repeat' | 'cut';
  at: number;
  value: number;
  length: number;
};

/** One change at a place given as a share of the file. */
function mutate(bytes: Uint8Array, { kind, at, value, length }: Mutation): Uint8Array {
  const place = Math.floor(at * bytes.length);
  const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (kind) {
    case 'set':
      return bytes.with(place, value);
    case 'flip':
      return bytes.with(place, (bytes[place] ?? 0) ^ (1 << (value % 8)));
    case 'insert':
      return Uint8Array.of(...head, value, ...tail);
    case 'remove':
      return Uint8Array.of(...head, ...tail.subarray(length));
    case 'repeat':
      return Uint8Array.of(...head, ...tail.subarray(0, length), ...tail);
    case 'cut':
      return head;
  }
}

describe('mutated model files', () => {
  test('2,000 of them give a signature or a named error, never anything else', () => {
    const mutation = fc.record({
      kind: fc.constantFrom<Mutation['kind']>('set', 'set', 'flip', 'flip', 'insert', 'remove', 'repeat', 'cut'),
      at: fc.integer({ min: 0, max: 9999 }).map((share) => share / 10_000),
      value: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 127, 128, 255)),
      length: fc.integer({ min: 1, max: 40 }),
    });
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(
        fc.constantFrom(...MODELS),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (model, mutations) => {
          const mutated = mutations.reduce((bytes, one) => (bytes.length > 0 ? mutate(bytes, one) : bytes), model);
          const result = outcome(mutated);
          seen.set(result, (seen.get(result) ?? 0) + 1);
        },
      ),
      { numRuns: 2000 },
    );
    // Were all of them refused at the first byte, nothing would have been tried.
    expect(seen.size).toBeGreaterThan(4);
    expect(seen.get('signature')).toBeGreaterThan(100);
  });

  test('cut at any byte', () => {
    for (const model of MODELS) {
      for (let end = 0; end < model.length; end++) expect(outcome(model.subarray(0, end))).not.toBe('no inputs');
    }
  });

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(outcome(bytes)).not.toBe('signature');
      }),
      { numRuns: 500 },
    );
  });
});
