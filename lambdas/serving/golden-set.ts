import { Golden } from '../training/contract.ts';
import { ServingErrors } from './errors.ts';

/** How far answers lie from the golden ones. */
export interface GoldenComparison {
  passed: boolean;
  /** The largest absolute difference of a floating-point number. */
  worst: number;
  reason?: string;
}

/** @throws GoldenUnreadable */
export function readGolden(bytes: Uint8Array): Golden {
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw ServingErrors.GoldenUnreadable('golden.json: is not JSON', { cause });
  }
  const parsed = Golden.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw ServingErrors.GoldenUnreadable(`golden.json: ${parsed.error.issues[0]?.path.join('.')} is not as expected`);
}

/** The golden set as the body of one inference request. */
export const goldenRequest = ({ inputs }: Golden): string => JSON.stringify({ id: 'golden', inputs });

const FLOATING = new Set(['FP32', 'FP64']);

/** Compares an answer with the golden one: floating point within the set's tolerance, everything else exactly. */
export function compareGolden({ outputs, tolerance }: Golden, answer: unknown): GoldenComparison {
  const given = (answer as { outputs?: { name: string; shape: number[]; data: unknown[] }[] } | null)?.outputs ?? [];
  let worst = 0;
  for (const { name, datatype, shape, data } of outputs) {
    const output = given.find((each) => each.name === name);
    if (!output) return { passed: false, worst, reason: `output ${name}: the version gave none` };
    if (output.shape.join() !== shape.join() || output.data.length !== data.length) {
      return { passed: false, worst, reason: `output ${name}: got shape [${output.shape}], expected [${shape}]` };
    }
    for (const [i, expected] of data.entries()) {
      const got = output.data[i];
      const difference = typeof got === 'number' ? Math.abs(got - expected) : Number.NaN;
      if (!(difference <= (FLOATING.has(datatype) ? tolerance : 0))) {
        return { passed: false, worst, reason: `output ${name}: row ${i}: got ${got}, expected ${expected}` };
      }
      worst = Math.max(worst, difference);
    }
  }
  return { passed: true, worst };
}
