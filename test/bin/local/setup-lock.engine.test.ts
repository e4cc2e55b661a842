import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ownerOf, withLock } from '../../../bin/local/setup-lock.mjs';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
  lock = join(folder, 'set-up.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The id of a process that has ended. */
const deadProcess = () => spawnSync(process.execPath, ['-e', '']).pid;

describe('the lock of set-up', () => {
  test('is held while the work runs and leaves nothing behind', async () => {
    const result = await withLock(lock, async () => {
      expect(ownerOf(lock)).toBe(process.pid);
      return 'done';
    });
    expect(result).toBe('done');
    expect(existsSync(lock)).toBe(false);
  });

  test('is released when the work fails', async () => {
    await expect(withLock(lock, () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
    expect(existsSync(lock)).toBe(false);
  });

  test('is taken over from a process that has died', async () => {
    mkdirSync(lock);
    writeFileSync(join(lock, 'owner'), String(deadProcess()));
    await expect(withLock(lock, async () => ownerOf(lock))).resolves.toBe(process.pid);
    expect(existsSync(`${lock}.abandoned`)).toBe(false);
  });

  test('is waited for while its process lives', async () => {
    mkdirSync(lock);
    // This process's parent lives.
    writeFileSync(join(lock, 'owner'), String(process.ppid));
    let entered = false;
    const work = withLock(lock, async () => {
      entered = true;
    });
    await sleep(300);
    expect(entered).toBe(false);
    rmSync(lock, { recursive: true });
    await work;
    expect(entered).toBe(true);
  });
});
