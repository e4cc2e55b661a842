import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds, and fails when it does not in time. */
export async function until(holds: () => boolean, seconds = 10): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !holds(); await sleep(25)) {
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${holds}`);
  }
}
