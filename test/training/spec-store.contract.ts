import { beforeEach, describe, expect, test } from '@jest/globals';
import { readLedger, ref } from '../../lambdas/lineage/contract.ts';
import { verifySubject } from '../../lambdas/lineage/graph.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { Table } from '../../lambdas/shared/table.ts';
import { appliedSpec, requireAppliedSpec } from '../../lambdas/training/applied-spec.ts';
import { rainSpecText } from '../builders/training-spec.ts';
import { AT, aTrainingWorkspace, type TrainingWorkspace } from '../builders/training-workspace.ts';

const SCRIPT_SPEC = rainSpecText().replace(
  '{ kind: logistic-regression, l2: 1 }',
  '{ kind: script, script: jobs/train.py, image: python:3 }',
);

/** What applied specs must show on every table. Each test has a workspace of its own in it. */
export function specStoreContract(make: () => Promise<Table>): void {
  let table: Table;
  let workspace: string;
  let deps: TrainingWorkspace['deps'];
  let apply: TrainingWorkspace['apply'];
  beforeEach(async () => {
    table = await make();
    ({ workspace, deps, apply } = await aTrainingWorkspace(table));
  });
  const ledger = async () => (await readLedger(table, ref('model', workspace, 'rain'))).map(({ action }) => action);

  describe('specs', () => {
    test('applied are what training and rollout go by, with commit, and the ledger says so', async () => {
      const applied = await apply();
      expect(applied).toMatchObject({ commit: 'abcdef1', dirty: false, appliedAt: AT, spec: { model: 'rain' } });
      expect(await appliedSpec(table, workspace, 'rain')).toEqual(applied);
      expect(await ledger()).toEqual(['spec-applied']);
      expect((await verifySubject(table, ref('model', workspace, 'rain'))).intact).toBe(true);
    });

    test('applied again from the same commit change nothing', async () => {
      const first = await apply();
      expect(await apply(`${rainSpecText()}\n# a remark\n`)).toEqual(first);
      expect(await ledger()).toEqual(['spec-applied']);
    });

    test('applied from another commit or with changed files are the same spec with another origin', async () => {
      const first = await apply();
      const second = await apply(rainSpecText(), { commit: 'abcdef2' });
      const third = await apply(rainSpecText(), { commit: 'abcdef2', dirty: true });
      expect([second.digest, third.digest]).toEqual([first.digest, first.digest]);
      expect(await appliedSpec(table, workspace, 'rain')).toMatchObject({ commit: 'abcdef2', dirty: true });
      expect(await ledger()).toHaveLength(3);
    });

    test('applied by many at once are applied one after the other', async () => {
      const texts = [1, 2, 3, 4].map((l2) => rainSpecText().replace('l2: 1', `l2: ${l2}`));
      const applied = await Promise.all(texts.map((text) => apply(text)));
      const last = await requireAppliedSpec(table, workspace, 'rain');
      expect(applied.map(({ digest }) => digest)).toContain(last.digest);
      expect(await ledger()).toHaveLength(4);
      expect((await verifySubject(table, ref('model', workspace, 'rain'))).intact).toBe(true);
    });

    test('of a model that has none are undefined, and asked for by name are an error', async () => {
      expect(await appliedSpec(table, workspace, 'rain')).toBeUndefined();
      await expect(requireAppliedSpec(table, workspace, 'rain')).rejects.toMatchObject({ name: 'SpecMissing' });
    });

    test('with a script keep its text by content, and their digest stands for it', async () => {
      const first = await apply(SCRIPT_SPEC, { files: { 'jobs/train.py': 'print(1)' } });
      const second = await apply(SCRIPT_SPEC, { files: { 'jobs/train.py': 'print(2)' } });
      expect(first.digest).not.toBe(second.digest);
      const { trainer } = second.spec;
      expect(trainer).toMatchObject({ sha256: digestOf('print(2)') });
      const key = `${workspace}/scripts/${digestOf('print(2)').slice('sha256:'.length)}/train.py`;
      expect(Buffer.from((await deps.artifacts.get(key)) as Uint8Array).toString()).toBe('print(2)');
    });

    test.each([
      [
        'of another model',
        rainSpecText().replace('model: rain', 'model: snow'),
        'SpecModelMismatch',
        /got snow, .* about rain/,
      ],
      [
        'on no dataset',
        rainSpecText().replace('dataset: weather', 'dataset: tides'),
        'SpecDatasetMissing',
        /got tides/,
      ],
      [
        'with a feature that is no column',
        rainSpecText().replace('wind]', 'winds]'),
        'SpecColumnInvalid',
        /features.3: got winds, .* temp_max/,
      ],
      [
        'with a text as a feature',
        rainSpecText().replace('wind]', 'weather]'),
        'SpecColumnInvalid',
        /of type string, expected one of double/,
      ],
      [
        'ordered by a text',
        rainSpecText().replace('order: date', 'order: weather'),
        'SpecColumnInvalid',
        /target.order: got weather/,
      ],
      [
        'with the answer among its features',
        rainSpecText().replace('ahead: 1', 'ahead: 0'),
        'SpecColumnInvalid',
        /told the answer/,
      ],
      ['with a script that was not sent', SCRIPT_SPEC, 'SpecScriptInvalid', /jobs\/train.py, its text was not sent/],
      [
        'with another script than it pins',
        SCRIPT_SPEC.replace('image:', `sha256: "${digestOf('other')}", image:`),
        'SpecScriptInvalid',
        /trainer.sha256: got/,
        { 'jobs/train.py': 'print(1)' },
      ],
    ] as [string, string, string, RegExp, Record<string, string>?][])(
      '%s are refused by name, and nothing is stored',
      async (_, text, name, message, files = {}) => {
        await expect(apply(text, { files })).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
        expect(await appliedSpec(table, workspace, 'rain')).toBeUndefined();
        expect(await ledger()).toEqual([]);
      },
    );
  });
}
