/** The code of one function as it is uploaded, without libraries beside it. */
export interface FunctionCode {
  /** The function's name without `millrace-<stage>-`. */
  name: string;
  bytes: number;
}

/**
 * Most kB of a function's one module. A cold start reads and compiles all of it; the reason for 900 is the SDK's
 * largest client (S3), zod and the rules of one domain together.
 */
const MOST_KB = 900;

/** The way of every prediction is kept short by hand: no SDK, and of the registry only what verifies a bundle. */
const SMALLER: readonly [pattern: RegExp, kB: number][] = [[/^endpoint-/, 220]];

export function budgetComplaints(functions: readonly FunctionCode[]): string[] {
  return functions.flatMap(({ name, bytes }) => {
    const most = SMALLER.find(([pattern]) => pattern.test(name))?.[1] ?? MOST_KB;
    const kB = Math.ceil(bytes / 1000);
    return kB > most ? [`${name}: its code has ${kB} kB, its budget is ${most}`] : [];
  });
}
