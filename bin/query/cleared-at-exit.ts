import { rmSync } from 'node:fs';

/**
 * Does work that leaves a file or folder behind which nobody wants, and removes it whatever happens: an interrupted
 * command ends without waiting for what it has begun.
 */
export async function clearedAtExit<T>(place: string, work: () => Promise<T>): Promise<T> {
  const clear = () => rmSync(place, { recursive: true, force: true });
  process.once('exit', clear);
  try {
    return await work();
  } finally {
    process.off('exit', clear);
    clear();
  }
}
