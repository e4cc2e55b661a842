export interface RetryOptions {
  attempts?: number;
  /** The longest wait before the second attempt, in milliseconds; doubles from there, with full jitter. */
  baseMs?: number;
  /** The longest wait of all, in milliseconds: what calls must still have time to answer. */
  maxMs?: number;
  random?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
}

/** Repeats `work` while it fails with something `again` accepts: full jitter, at most `attempts` times (8). */
export async function retrying<T>(
  work: () => Promise<T>,
  again: (error: unknown) => boolean,
  { attempts = 8, baseMs = 20, maxMs = 1000, random = Math.random, sleep = wait }: RetryOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !again(error)) throw error;
      await sleep(random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1)));
    }
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
