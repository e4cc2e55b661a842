import { describe, expect, test } from '@jest/globals';
import { createDataset } from '../../lambdas/data/dataset.ts';
import { collectSparkTask } from '../../lambdas/data/handlers/collect-spark.ts';
import { prepareSparkTask } from '../../lambdas/data/handlers/prepare-spark.ts';
import { parseDatasetSpec } from '../../lambdas/data/spec-text.ts';
import { aSpec } from '../builders/dataset.ts';
import { memoryObjects } from '../fakes/memory-objects.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { runWorkflow } from '../fakes/workflow.ts';

const FOLDER = 'default/things/spark/r1';
const report = (rows: object = {}) => ({
  ...{ schema: 'millrace/spark-refinery/1', dataset: 'things', splits: { train: 2, test: 0 } },
  rows: { given: 3, broken: 1, repeated: 0, fresh: 2, ...rows },
  counts: [{ column: 'size', rule: 'range', level: 'quarantine', rows: 1 }],
});

/** The workflow over the real tasks, and a job that leaves what is given. */
async function refining(
  job: (request: Record<string, unknown>) => unknown,
  left: object | undefined,
  given: object = {},
) {
  const table = memoryTable();
  const curated = memoryObjects('curated');
  const text = JSON.stringify(aSpec());
  await createDataset(table, { workspace: 'default', dataset: 'things', text, actor: 'a', at: '2026-01-05T00:00:00Z' });
  const deps = { table, curated, rawBucket: 'raw' };
  const tasks = { 'prepare-spark': prepareSparkTask.with(deps), 'collect-spark': collectSparkTask.with(deps) };
  const requests: Record<string, unknown>[] = [];
  const end = await runWorkflow('data/refine-with-spark', {
    input: { workspace: 'default', dataset: 'things', files: 'default/things/2026-01-05/u/*.csv', run: 'r1', ...given },
    invoke: async (target, payload) => {
      if (target === '${JobsFunction}') {
        const { task, input } = payload as { task: keyof typeof tasks; input: never };
        return tasks[task].handle(input);
      }
      expect(target).toBe('${SparkResource}');
      requests.push(payload as Record<string, unknown>);
      if (left) await curated.put(`${FOLDER}/report/part-00000-x.txt`, `${JSON.stringify(left)}\n`);
      return job(payload as Record<string, unknown>);
    },
  });
  return { end, requests, curated };
}
const succeeds = () => ({ JobRunId: 'j', State: 'SUCCESS' });

describe('the state machine data/refine-with-spark', () => {
  test('gives the job the spec of the dataset and the files, and ends with what became of them', async () => {
    const { end, requests, curated } = await refining(succeeds, report());
    expect(end).toMatchObject({
      status: 'SUCCEEDED',
      output: { folder: FOLDER, rows: { fresh: 2 }, splits: { train: 2 } },
    });
    expect(requests).toEqual([
      {
        ...{ ApplicationId: '${Application}', ExecutionRoleArn: '${JobRole}', Name: 'default-things-r1' },
        ExecutionTimeoutMinutes: 360,
        JobDriver: {
          SparkSubmit: {
            EntryPoint: '${Script}',
            EntryPointArguments: [
              ...['--spec', `s3://curated/${FOLDER}/spec.json`],
              ...['--input', 's3://raw/default/things/2026-01-05/u/*.csv', '--output', `s3://curated/${FOLDER}`],
            ],
          },
        },
      },
    ]);
    const spec = Buffer.from((await curated.get(`${FOLDER}/spec.json`)) as Uint8Array).toString();
    expect(parseDatasetSpec(spec)).toEqual(aSpec());
  });

  test.each<[string, object | undefined, object, string]>([
    ['files of another dataset', report(), { files: 'default/others/a.csv' }, 'RawKeyInvalid'],
    ['a way out of the dataset', report(), { files: 'default/things/../others/a.csv' }, 'RawKeyInvalid'],
    ['a dataset that is not there', report(), { dataset: 'nothing', files: 'default/nothing/a.csv' }, 'DatasetMissing'],
    ['a job that left no report', undefined, {}, 'SparkReportMissing'],
    ['a job that left something else', { schema: 'x' }, {}, 'SparkReportMissing'],
    ['files without rows', report({ given: 0, broken: 0, fresh: 0 }), {}, 'FileWithoutRows'],
    ['files without a good row', report({ given: 3, broken: 3, fresh: 0 }), {}, 'RowsAllBroken'],
  ])('fails by name for %s', async (_what, left, given, error) => {
    expect((await refining(succeeds, left, given)).end).toMatchObject({ status: 'FAILED', error });
  });

  test('fails when the job fails', async () => {
    const fails = () => {
      throw Object.assign(new Error('exit code 2'), { name: 'States.TaskFailed' });
    };
    expect((await refining(fails, undefined)).end).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
  });
});
