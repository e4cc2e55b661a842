import { asPlatformError, SharedErrors } from '../lambdas/shared/errors.ts';
import { findVerb, parseWords } from './arguments.ts';
import { connect } from './client/connection.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { overview, reference, usage } from './help.ts';
import { paint, progressLine } from './terminal.ts';
import { verbs } from './verbs.ts';

/** The command line: finds the verb, checks its words, runs it, says what came of it. */
async function main(words: readonly string[]): Promise<number> {
  const asksHelp = words.includes('--help') || words.length === 0;
  const [group = '', name = ''] = words;
  const found = findVerb(verbs, words);
  if (!found) {
    const known = verbs.some((each) => each.name.startsWith(`${group} `));
    if (words[0] === 'help' && words[1] === 'markdown') {
      process.stdout.write(reference(verbs));
      return 0;
    }
    if (asksHelp) {
      process.stdout.write(`${overview(verbs, known ? group : undefined)}\n`);
      return 0;
    }
    throw SharedErrors.InvalidInput(
      `verb: got "${[group, name].join(' ').trim()}", there is no such verb (millrace ${known ? `${group} ` : ''}--help)`,
    );
  }
  const {
    input,
    json,
    help,
    stage = process.env['MILLRACE_STAGE'] ?? 'local',
    workspace = process.env['MILLRACE_WORKSPACE'] ?? 'default',
  } = parseWords(found.verb, found.rest);
  if (help) {
    process.stdout.write(`${usage(found.verb)}\n`);
    return 0;
  }
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  process.once('SIGTERM', () => interrupt.abort());
  const line = progressLine(json);
  const ended = new Promise<never>((_, reject) => {
    interrupt.signal.addEventListener('abort', () =>
      reject(SharedErrors.ServiceUnavailable('interrupted; what the platform has started goes on there')),
    );
  });
  try {
    const context = {
      client: () => connect({ stage, workspace }),
      progress: line.say,
      stage,
      workspace,
      signal: interrupt.signal,
    };
    const output = await Promise.race([found.verb.run(context, input), ended]);
    line.end();
    if (json) process.stdout.write(`${JSON.stringify(output ?? {})}\n`);
    else if (found.verb.show) process.stdout.write(`${found.verb.show(output)}\n`);
    else process.stdout.write(`${JSON.stringify(output ?? {}, undefined, 2)}\n`);
    return 0;
  } finally {
    line.end();
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    const error = asPlatformError(thrown);
    if (process.argv.includes('--json'))
      process.stdout.write(
        `${JSON.stringify({ error: { name: error.name, kind: error.kind, message: error.message } })}\n`,
      );
    else process.stderr.write(`${paint('red', error.name)}: ${error.message}\n`);
    if (error.kind === 'unexpected' && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`);
    process.exit(EXIT_CODES[error.kind]);
  },
);
