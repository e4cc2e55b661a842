import * as z from 'zod';
import { type ObjectStore, parseJson } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { WORKSPACE_NAME } from '../shared/workspace-name.ts';
import { Level } from './check-spec.ts';
import { headOf, requireDataset, specOf } from './dataset-head.ts';
import { DATASET_NAME } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';

const Workspace = z.string().regex(WORKSPACE_NAME, 'a workspace is lower-case letters, digits and hyphens');

/** Input of `data/refine-with-spark`: which files of the raw zone, of which dataset. */
export const SparkRun = z.strictObject({
  workspace: Workspace,
  dataset: z.string().regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63'),
  /** Key of the raw zone, or a pattern of Hadoop's (`…/part-*.csv`), below `<workspace>/<dataset>/`. */
  files: z.string().min(1).max(1000),
  /** Names the run and its folder; the same name again writes the same. */
  run: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a run is lower-case letters, digits and hyphens, at most 63'),
});
export type SparkRun = z.output<typeof SparkRun>;

export interface SparkDeps {
  table: Table;
  curated: ObjectStore;
  /** Name of the raw zone's bucket. */
  rawBucket: string;
}

const folderOf = ({ workspace, dataset, run }: SparkRun) => `${workspace}/${dataset}/spark/${run}`;

/**
 * Puts the spec where the job reads it, and says what the job is called with.
 * @throws DatasetMissing, RawKeyInvalid
 */
export async function prepareSpark(
  { table, curated, rawBucket }: SparkDeps,
  run: SparkRun,
): Promise<{ name: string; arguments: string[] }> {
  const { workspace, dataset, files } = run;
  // What reads another dataset's files would write them under this one's name.
  if (!files.startsWith(`${workspace}/${dataset}/`) || files.split('/').includes('..'))
    throw DataErrors.RawKeyInvalid(`files: got ${files}, expected keys below ${workspace}/${dataset}/`);
  const { spec } = await requireDataset(table, workspace, dataset);
  const folder = folderOf(run);
  await curated.put(`${folder}/spec.json`, JSON.stringify(await specOf(table, workspace, spec)), 'application/json');
  const at = `s3://${curated.bucket}/${folder}`;
  return {
    name: `${workspace}-${dataset}-${run.run}`.slice(0, 256),
    arguments: ['--spec', `${at}/spec.json`, '--input', `s3://${rawBucket}/${files}`, '--output', at],
  };
}

/** What the job says of itself (lambdas/data/aws/refine_dataset.py). */
const SparkReport = z.object({
  schema: z.literal('millrace/spark-refinery/1'),
  dataset: z.string(),
  rows: z.object({ given: z.int(), broken: z.int(), repeated: z.int(), fresh: z.int() }),
  splits: z.record(z.string(), z.int()),
  counts: z.array(z.object({ column: z.string(), rule: z.string(), level: Level, rows: z.int() })),
});

/** Reads what became of the files. @throws SparkReportMissing, FileWithoutRows, RowsAllBroken */
export async function collectSpark({ table, curated }: SparkDeps, run: SparkRun) {
  const folder = folderOf(run);
  const key = (await curated.list(`${folder}/report/`)).find((each) => /\/part-[^/]*\.txt$/.test(each));
  const bytes = key && (await curated.get(key));
  const report = bytes ? SparkReport.safeParse(parseJson(bytes)) : undefined;
  if (!report?.success)
    throw DataErrors.SparkReportMissing(`run: got ${run.run}, its job left no report below ${folder}/report/`);
  const { rows, counts, splits } = report.data;
  if (rows.given === 0) throw DataErrors.FileWithoutRows(`files: got ${run.files}, there are no rows in them`);
  if (rows.broken === rows.given)
    throw DataErrors.RowsAllBroken(`files: got ${rows.given} rows in ${run.files}, none keeps the rules of the spec`);
  const head = await headOf(table, run.workspace, run.dataset);
  return { folder, spec: head?.spec, rows, splits, counts: counts.slice(0, 50) };
}
