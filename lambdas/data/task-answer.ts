import { type ErrorKind, PlatformError } from '../shared/errors.ts';

/** As `task` makes it. */
interface Task {
  handle(input: unknown): Promise<unknown>;
}

/** What a task says to somebody who waits for it: a refusal is an answer too, with the error's own name. */
export type TaskAnswer<Output> = { answer: Output } | { refused: { kind: ErrorKind; name: string; message: string } };

/** The task for callers that want to know what was wrong with their question; what is wrong here escapes as ever. */
export const answering = (task: Task): Task => ({
  async handle(input): Promise<TaskAnswer<unknown>> {
    try {
      return { answer: await task.handle(input) };
    } catch (error) {
      if (!(error instanceof PlatformError) || error.kind === 'unexpected') throw error;
      const { kind, name, message } = error;
      return { refused: { kind, name, message } };
    }
  },
});

/** @throws the error that the task refused its input with */
export function answerOf<Output>(said: TaskAnswer<Output>): Output {
  if ('answer' in said) return said.answer;
  const { kind, name, message } = said.refused;
  throw new PlatformError(kind, name, message);
}
