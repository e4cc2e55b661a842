import middy from '@middy/core';
import * as z from 'zod';
import { readEnv } from './env.ts';
import { describeIssues, SharedErrors } from './errors.ts';
import { jsonLogger, type Logger } from './logger.ts';

interface TaskOptions<Input extends z.ZodType, Output, Env extends z.ZodType, Deps> {
  input: Input;
  env: Env;
  wire: (env: z.output<Env>) => Deps | Promise<Deps>;
  run: (deps: Deps, input: z.output<Input>) => Promise<Output>;
}

export interface Task {
  handle(input: unknown): Promise<unknown>;
}

/** One step of a workflow. Its error escapes, so that the error's name is what `Retry` and `Catch` match. */
export function task<Input extends z.ZodType, Output, Env extends z.ZodType, Deps>(
  options: TaskOptions<Input, Output, Env, Deps>,
): Task & { with(deps: Deps): { handle(input: z.input<Input>): Promise<Output> } } {
  const handleWith = async (wired: () => Deps | Promise<Deps>, raw: unknown) => {
    const input = options.input.safeParse(raw);
    if (!input.success) throw SharedErrors.InvalidInput(describeIssues(input.error, raw));
    return options.run(await wired(), input.data);
  };
  let deps: Promise<Deps> | undefined;
  const fromEnv = () => {
    deps ??= (async () => options.wire(readEnv(options.env)))();
    return deps;
  };
  return {
    handle: (input) => handleWith(fromEnv, input),
    with: (given) => ({ handle: (input) => handleWith(() => given, input) }),
  };
}

/** Mounts a workflow's tasks into one function: the payload is `{ "task": "<name>", "input": {…} }`. */
export function tasks(mounted: Readonly<Record<string, Task>>, { logger = jsonLogger }: { logger?: Logger } = {}) {
  const Payload = z.strictObject({ task: z.string(), input: z.unknown() });
  const handle = async (event: unknown) => {
    const payload = Payload.safeParse(event);
    const chosen =
      payload.success && Object.hasOwn(mounted, payload.data.task) ? mounted[payload.data.task] : undefined;
    if (!payload.success || !chosen) {
      throw SharedErrors.InvalidInput(
        `task: got ${JSON.stringify((event as { task?: unknown })?.task)}, this function has ${Object.keys(mounted).join(', ')}`,
      );
    }
    return (await chosen.handle(payload.data.input)) ?? {};
  };
  const nameOf = (event: unknown) => (event as { task?: unknown })?.task;
  return {
    lambda: () =>
      middy<unknown, unknown>(handle)
        .after(({ event }) => logger.info('task', { task: nameOf(event) }))
        .onError(({ event, error }) => {
          logger.error('task', {
            task: nameOf(event),
            error: error?.name,
            reason: error?.message,
            stack: error?.stack,
          });
          if (error) throw error;
        }),
  };
}
