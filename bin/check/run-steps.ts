import { paint } from '../terminal.ts';

/** One check: what it proves, and how. It answers with complaints; none means that it holds. */
export interface Step {
  name: string;
  /** What holds when it passes, for `npm run check -- --help`. */
  proves: string;
  /** A step whose result it reads: it runs after that one, and not at all when that one failed. */
  after?: string;
  run(): Promise<readonly string[]>;
}

export interface StepResult {
  name: string;
  passed: boolean;
  seconds: number;
}

/** Two at a time: most steps use one core, and two cores is what a small machine has. */
const LANES = 2;

/** Runs every step, however many fail; each prints one line, and its complaints below it. */
export async function runSteps(steps: readonly Step[], say: (line: string) => void): Promise<StepResult[]> {
  const results = new Map<string, Promise<StepResult>>();
  const waiting = [...steps];
  let free = LANES;
  const wake: (() => void)[] = [];

  const runOne = async (step: Step): Promise<StepResult> => {
    const first = step.after === undefined ? undefined : await results.get(step.after);
    while (free === 0) await new Promise<void>((resolve) => wake.push(resolve));
    free--;
    const began = performance.now();
    const complaints = first?.passed === false ? [`not run: ${first.name} failed`] : await complaintsOf(step);
    free++;
    wake.shift()?.();
    const result = { name: step.name, passed: complaints.length === 0, seconds: (performance.now() - began) / 1000 };
    say(line(result, complaints));
    return result;
  };
  for (const step of waiting) results.set(step.name, runOne(step));
  return Promise.all(results.values());
}

async function complaintsOf(step: Step): Promise<readonly string[]> {
  try {
    return await step.run();
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

function line({ name, passed, seconds }: StepResult, complaints: readonly string[]): string {
  const mark = passed ? paint('green', 'ok    ') : paint('red', 'failed');
  const head = `${mark} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s`;
  return [head, ...complaints.map((text) => text.trimEnd().replace(/^/gm, '    '))].join('\n');
}
