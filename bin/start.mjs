// What `npm run <verb>` starts, on whatever Node the machine has: it sets up what is missing, then runs the verb's
// program on the project's own Node 24. Plain JavaScript, so that an older Node can say what it lacks.
const TARGETS = {
  demo: { script: 'bin/demo.ts', python: true },
  test: { script: 'bin/test.ts', python: true },
  check: { script: 'bin/check.ts', python: true },
  bench: { script: 'bench/main.ts', python: false },
  // The command line needs the emulator for `millrace local ...` only.
  millrace: { script: 'bin/millrace.ts', python: 'local' },
};

const OLDEST_NODE = 20;
/** sysexits' EX_UNAVAILABLE: something the machine has to bring is missing. */
const UNAVAILABLE = 69;

async function main(verb, ...words) {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    end(
      UNAVAILABLE,
      `Millrace needs Node ${OLDEST_NODE} or newer and this is ${process.versions.node}: get it from https://nodejs.org.`,
    );
  }
  const target = TARGETS[verb];
  if (!target) end(2, `There is no "${verb}": node bin/start.mjs ${Object.keys(TARGETS).join(' | ')}.`);

  endWithNpm();
  const { setUp, Missing } = await import('./local/setup.mjs');
  const { runOnNode24 } = await import('./local/run-on-node-24.mjs');
  const { fileURLToPath } = await import('node:url');
  const root = fileURLToPath(new URL('..', import.meta.url));
  try {
    await setUp(root, { python: target.python === true || target.python === words[0] });
    process.exit(await runOnNode24(root, target.script, words));
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    end(UNAVAILABLE, error.message);
  }
}

/** npm passes a signal to the shell that it runs scripts with; that shell ends, and does not pass it on. */
function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

function end(code, sentence) {
  // A live line of progress may stand there.
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[2K' : ''}${sentence}\n`);
  process.exit(code);
}

main(...process.argv.slice(2));
