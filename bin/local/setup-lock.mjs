// One set-up at a time: a folder that only one process can put in its place, with that process's id inside.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `work` while no other process does; waits for one that lives, takes over from one that has died. */
export async function withLock(folder, work) {
  const own = `${folder}.${process.pid}`;
  const abandoned = `${folder}.abandoned`;
  const leave = () => {
    if (ownerOf(folder) === process.pid) rmSync(folder, { recursive: true, force: true });
    for (const each of [own, abandoned]) rmSync(each, { recursive: true, force: true });
  };
  process.once('exit', leave);
  try {
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'owner'), String(process.pid));
    await take(folder, own, abandoned);
    return await work();
  } finally {
    process.removeListener('exit', leave);
    leave();
  }
}

/** A folder cannot be renamed to one that is there and not empty: the first who tries has the lock. */
async function take(folder, own, abandoned) {
  for (let told = false; !renamed(own, folder); await sleep(200)) {
    const owner = ownerOf(folder);
    if (owner === undefined) continue;
    if (!lives(owner)) {
      renamed(folder, abandoned);
    } else if (!told) {
      told = true;
      process.stderr.write(`Waiting for the set-up that process ${owner} does …\n`);
    }
  }
}

function renamed(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** The process that holds the lock; nothing where nobody does. */
export function ownerOf(folder) {
  try {
    return Number(readFileSync(join(folder, 'owner'), 'utf8'));
  } catch {
    return undefined;
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
