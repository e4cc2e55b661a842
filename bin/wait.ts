import { setTimeout as sleep } from 'node:timers/promises';
import { SharedErrors } from '../lambdas/shared/errors.ts';

export interface WaitOptions {
  signal?: AbortSignal;
  /** @default 15 minutes: longer than any one step of a workflow */
  timeoutMs?: number;
  /** First pause in milliseconds; grows to ten times that. @default 300 */
  pauseMs?: number;
  what: string;
}

/** Asks until the answer is the awaited one. @throws ServiceUnavailable when that takes too long */
export async function waitFor<T>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  { signal, timeoutMs = 900_000, pauseMs = 300, what }: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let pause = pauseMs; ; pause = Math.min(pause * 1.3, pauseMs * 10)) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > deadline)
      throw SharedErrors.ServiceUnavailable(`${what} is not over after ${Math.round(timeoutMs / 1000)} s; it goes on`);
    await sleep(pause, undefined, { signal });
  }
}
