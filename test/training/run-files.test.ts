import { describe, expect, test } from '@jest/globals';
import { RUN_FILES, readRunFile, settleResult } from '../../lambdas/training/run-files.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';

const run = { workspace: 'default', runId: 'r1' };

describe('what a step leaves', () => {
  test('stands: who comes second gets what the first one wrote', async () => {
    const artifacts = memoryObjects();
    expect(await settleResult(artifacts, run, RUN_FILES.gate, { passed: true })).toEqual({ passed: true });
    expect(await settleResult(artifacts, run, RUN_FILES.gate, { passed: false })).toEqual({ passed: true });
    expect(artifacts.keys()).toEqual(['default/runs/r1/gate.json']);
  });

  test('is an error by name where it is not there', async () => {
    await expect(readRunFile(memoryObjects(), run, RUN_FILES.trained)).rejects.toMatchObject({
      ...{ name: 'StepOutputMissing', message: 'run r1: has no trained.json' },
    });
  });
});
