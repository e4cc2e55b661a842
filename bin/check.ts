import { endCommands } from './check/command.ts';
import { runSteps } from './check/run-steps.ts';
import { STEPS, stepsNamed } from './check/steps.ts';

/** `npm run check [-- step…]`: everything about the repository that can be said without running it. */
const wanted = process.argv.slice(2);
const help = wanted.includes('--help') || wanted.includes('-h');
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));

if (help || unknown.length > 0) {
  if (!help) process.stderr.write(`check: got ${unknown.join(', ')}, there is no such step\n`);
  process.stderr.write('npm run check [-- <step>…], where a step is one of\n');
  for (const { name, proves } of STEPS) process.stderr.write(`  ${name.padEnd(10)} ${proves}\n`);
  process.exit(help ? 0 : 2);
}

// `on`, not `once`: a terminal and npm may both pass the same Ctrl-C on.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void endCommands().then(() => process.exit(130)));
}
const results = await runSteps(stepsNamed(wanted), (line) => void process.stderr.write(`${line}\n`));
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
