import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  claimInstance,
  findInstance,
  liveInstances,
  removeStale,
  writeInstance,
} from '../../../bin/local/instances.ts';
import { isRunning } from '../../../bin/local/processes.ts';

let runs: string;
beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), 'millrace-runs-'));
});
afterEach(() => rmSync(runs, { recursive: true, force: true }));

const DEAD = spawnSync(process.execPath, ['-e', '']).pid;
const started = '2026-11-21T04:00:00.000Z';

/** A process whose command line names the folder, as the launcher's does. */
function launcherOf(folder: string) {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)', folder], { stdio: 'ignore' });
  return { pid: child.pid as number, end: () => child.kill('SIGKILL') };
}

function running(name: string, when = started) {
  const folder = join(runs, name);
  mkdirSync(folder);
  const launcher = launcherOf(folder);
  writeInstance(folder, {
    name,
    starter: DEAD,
    started: when,
    pid: launcher.pid,
    port: 4566,
    endpoint: 'http://127.0.0.1:4566',
  });
  return { folder, ...launcher };
}

describe('an instance', () => {
  test('is found by its name from any process while its emulator runs', () => {
    const emulator = running('local');
    expect(findInstance('local', runs)).toMatchObject({ name: 'local', pid: emulator.pid, port: 4566 });
    emulator.end();
  });

  test('is not found when another program has its process id by now', () => {
    const folder = join(runs, 'local');
    mkdirSync(folder);
    writeInstance(folder, { name: 'local', starter: DEAD, started, pid: process.pid });
    expect(findInstance('local', runs)).toBeUndefined();
  });

  test('that is being started is found as long as its starter lives', () => {
    claimInstance('local', runs);
    expect(findInstance('local', runs)).toMatchObject({ starter: process.pid });
  });

  test('is listed after older ones', () => {
    const newer = running('a', '2026-11-21T05:00:00.000Z');
    const older = running('b', '2026-11-21T04:00:00.000Z');
    expect(liveInstances(runs).map(({ name }) => name)).toEqual(['b', 'a']);
    newer.end();
    older.end();
  });

  test('keeps its token from other people', () => {
    const folder = claimInstance('local', runs);
    expect(statSync(join(folder, 'state.json')).mode & 0o777).toBe(0o600);
  });
});

describe('a name', () => {
  test('that runs already is refused', () => {
    const emulator = running('local');
    expect(() => claimInstance('local', runs)).toThrow(/name: got "local", a local cloud of that name is running/);
    emulator.end();
  });

  test('is free again once its emulator has died', async () => {
    const { folder, end, pid } = running('local');
    writeFileSync(join(folder, 'emulator.log'), 'killed');
    end();
    while (isRunning(pid, folder)) await sleep(10);
    claimInstance('local', runs);
    expect(existsSync(join(folder, 'emulator.log'))).toBe(false);
  });

  test.each(['', 'Local', '../local', 'a b', 'x'.repeat(41)])('%j is refused', (name) => {
    expect(() => claimInstance(name, runs)).toThrow(expect.objectContaining({ name: 'InstanceNameInvalid' }));
  });
});

describe('what a dead instance left behind', () => {
  test('is removed, together with processes of its functions', async () => {
    const folder = join(runs, 'local');
    mkdirSync(folder);
    writeInstance(folder, { name: 'local', starter: DEAD, started, pid: DEAD });
    const worker = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)', join(folder, 'tmp/worker.js')]);
    const ended = new Promise((resolve) => worker.once('exit', (_, signal) => resolve(signal)));
    removeStale(runs);
    await expect(ended).resolves.toBe('SIGKILL');
    expect(existsSync(folder)).toBe(false);
  });

  test('is not taken for a folder that somebody is just making', () => {
    mkdirSync(join(runs, 'new'));
    mkdirSync(join(runs, 'old'));
    const minuteAgo = Date.now() / 1000 - 60;
    utimesSync(join(runs, 'old'), minuteAgo, minuteAgo);
    removeStale(runs);
    expect(existsSync(join(runs, 'new'))).toBe(true);
    expect(existsSync(join(runs, 'old'))).toBe(false);
  });
});
