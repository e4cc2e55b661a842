import { endCommands } from './check/command.ts';
import { pathsBelow } from './check/repository-files.ts';
import { runSteps } from './check/run-steps.ts';
import { STEPS } from './check/steps.ts';
import { paint } from './terminal.ts';
import { runJest } from './test/jest-run.ts';
import { KINDS, type Kind, kindOf, select } from './test/kinds.ts';
import { add, inWords, NONE, type Tally } from './test/tally.ts';
import { testCloud } from './test/test-cloud.ts';

/** `npm test [-- kind… path…]`: the check, then every kind of test; the last line of standard output is the sum. */
const say = (line: string) => void process.stderr.write(`${line}\n`);
const words = process.argv.slice(2);
const USAGE = `npm test [-- [check] [${KINDS.join('] [')}] [part of a test file's path]…]`;

if (words.includes('--help') || words.includes('-h')) {
  say(USAGE);
  process.exit(0);
}
const selection = select(
  words,
  pathsBelow('test').filter((path) => path.endsWith('.test.ts')),
);
if ('unknown' in selection) {
  say(`test: got ${selection.unknown}, there is no such kind and no such test file\n${USAGE}`);
  process.exit(2);
}

const cloud = testCloud(say);
let stopping: Promise<void> | undefined;
const stop = () => {
  stopping ??= endCommands()
    .then(() => cloud.down())
    .finally(() => process.exit(130));
};
// `on`, not `once`: a terminal and npm may both pass the same Ctrl-C on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
/** Between two parts of the run: goes no further once it is to end. */
const goOn = async () => stopping;

const began = performance.now();
const summary: string[] = [];
let sum = NONE;
const note = (name: string, tally: Tally, seconds?: number) => {
  sum = add(sum, tally);
  const mark = tally.failed === 0 ? paint('green', 'ok    ') : paint('red', 'failed');
  summary.push(`${mark} ${name.padEnd(9)} ${inWords(tally)}${seconds ? `  (${seconds.toFixed(0)} s)` : ''}`);
};

if (selection.check) {
  const from = performance.now();
  const results = await runSteps(STEPS, say);
  const passed = results.filter((result) => result.passed).length;
  note('check', { passed, failed: results.length - passed, skipped: 0 }, (performance.now() - from) / 1000);
}

await goOn();
const quick = KINDS.filter((kind) => kind !== 'local').flatMap((kind) => selection.files.get(kind) ?? []);
if (quick.length > 0) {
  const tallies = await runJest({ name: 'quick', files: quick, workers: 2, timeoutSeconds: 15 });
  noteByKind(tallies);
}

await goOn();
const local = selection.files.get('local') ?? [];
if (local.length > 0) {
  const from = performance.now();
  const up = await cloud.up();
  await goOn();
  if ('failure' in up) {
    say(up.failure);
    note('local', { passed: 0, failed: local.length, skipped: 0 });
  } else {
    // One after the other: they share one cloud, and its functions share two cores.
    const tallies = await runJest({ name: 'local', files: local, env: up.env, workers: 1, timeoutSeconds: 60 });
    note('local', [...tallies.values()].reduce(add, NONE), (performance.now() - from) / 1000);
  }
}
await goOn();
await cloud.down();

say(`\n${summary.join('\n')}\n${((performance.now() - began) / 1000).toFixed(0)} s`);
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;
process.stdout.write(`${inWords(sum)}\n`);

function noteByKind(tallies: ReadonlyMap<string, Tally>): void {
  const byKind = new Map<Kind, Tally>();
  for (const [file, tally] of tallies) byKind.set(kindOf(file), add(byKind.get(kindOf(file)) ?? NONE, tally));
  for (const kind of KINDS) {
    const tally = byKind.get(kind);
    if (tally) note(kind, tally);
  }
}
