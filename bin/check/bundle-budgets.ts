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

const OWN: readonly [pattern: RegExp, kB: number][] = [
  // The way of every prediction is kept short by hand: no SDK, and of the registry only what verifies a bundle.
  [/^endpoint-/, 220],
  // Athena, STS, Step Functions and Lambda beside S3: a query, a deletion and a join each begin with one call.
  [/^data-api$/, 1050],
  // The GraphQL language (162 kB), which the UI's run page asks for, and links that are signed.
  [/^tracking-api$/, 950],
  // The reader of Arrow files (apache-arrow), and KMS; seconds of work stand behind each of its cold starts.
  [/^data-ingest$/, 1250],
];

export function budgetComplaints(functions: readonly FunctionCode[]): string[] {
  return functions.flatMap(({ name, bytes }) => {
    const most = OWN.find(([pattern]) => pattern.test(name))?.[1] ?? MOST_KB;
    const kB = Math.ceil(bytes / 1000);
    return kB > most ? [`${name}: its code has ${kB} kB, its budget is ${most}`] : [];
  });
}
