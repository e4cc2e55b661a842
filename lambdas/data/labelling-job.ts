import * as z from 'zod';
import type { Clock } from '../shared/clock.ts';
import { digestOf, hexOf } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import type { ObjectStore } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { WORKSPACE_NAME } from '../shared/workspace-name.ts';
import { requireDataset, specOf } from './dataset-head.ts';
import { DATASET_NAME, type DatasetSpec } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import { ITEM, labelsOfManifest } from './ground-truth-manifest.ts';
import { requireLabels } from './label-rows.ts';
import { labelTemplate } from './label-template.ts';
import { rawKey } from './raw-key.ts';

/** Input of `data/label-objects`: what people are to label, for which label set. */
export const LabellingRun = z.strictObject({
  workspace: z.string().regex(WORKSPACE_NAME, 'a workspace is lower-case letters, digits and hyphens'),
  dataset: z.string().regex(DATASET_NAME, 'a dataset is lower-case letters, digits and hyphens, at most 63'),
  /** Part of the job's name; the same name again is the same job. */
  run: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/, 'a run is lower-case letters, digits and hyphens, at most 22'),
  /** By the value of the label set's key: an image, as a key of the raw zone, or a text. */
  items: z
    .array(
      z.union([
        z.strictObject({ id: z.string().min(1), image: z.string().min(1) }),
        z.strictObject({ id: z.string().min(1), text: z.string().min(1) }),
      ]),
    )
    .min(1)
    .max(1000),
});
export type LabellingRun = z.output<typeof LabellingRun>;

/** What a stage says of its labellers: `stages.<stage>.groundTruth`. */
export interface LabellingSettings {
  workteamArn: string;
  labellersPerItem: number;
  /** The role that the job has. */
  roleArn: string;
  /** `arn:aws:lambda:<region>:<AWS's account for it>:function`; names of the service's own functions follow. */
  functions: string;
}

export interface LabellingDeps {
  table: Table;
  raw: ObjectStore;
  curated: ObjectStore;
  clock: Clock;
  settings: LabellingSettings;
}

const ATTRIBUTE = 'label';
const folderOf = ({ workspace, dataset, run }: LabellingRun) => `${workspace}/${dataset}/labelling/${run}`;

/** What labellers are shown is of their own workspace. */
const isOwn = (key: string, workspace: string) => key.startsWith(`${workspace}/`) && !key.split('/').includes('..');

/**
 * Writes manifest, classes and template, and gives the request of the labelling job.
 * @throws DatasetMissing, LabelSetMissing, LabelSetUnfit, RawKeyInvalid
 */
export async function prepareLabelling({ table, raw, curated, settings }: LabellingDeps, input: LabellingRun) {
  const { workspace, dataset, run, items } = input;
  const { spec: digest } = await requireDataset(table, workspace, dataset);
  const spec = await specOf(table, workspace, digest);
  const { values } = requireFit(spec);
  const kinds = new Set(items.map((item) => ('image' in item ? 'image' : 'text')));
  if (kinds.size > 1) throw DataErrors.LabelSetUnfit('items: got images and texts, a labelling job has one kind');
  const kind = [...kinds][0] === 'image' ? 'image' : 'text';
  const stranger = items.find((item) => 'image' in item && !isOwn(item.image, workspace));
  if (stranger)
    throw DataErrors.RawKeyInvalid(
      `items.${stranger.id}.image: got ${'image' in stranger ? stranger.image : ''}, expected a key below ${workspace}/`,
    );
  const lines = items.map((item) =>
    JSON.stringify({
      ...('image' in item ? { 'source-ref': `s3://${raw.bucket}/${item.image}` } : { source: item.text }),
      [ITEM]: item.id,
    }),
  );
  const folder = folderOf(input);
  const at = `s3://${curated.bucket}/${folder}`;
  const classes = { 'document-version': '2018-11-28', labels: values.map((label) => ({ label })) };
  await curated.put(`${folder}/input.manifest`, `${lines.join('\n')}\n`, 'application/x-ndjson');
  await curated.put(`${folder}/classes.json`, JSON.stringify(classes), 'application/json');
  await curated.put(`${folder}/template.liquid`, labelTemplate(kind), 'text/html');
  const task = kind === 'image' ? 'ImageMultiClass' : 'TextMultiClass';
  const described = (spec.description ?? `Labels of ${dataset}`).slice(0, 255);
  return {
    LabelingJobName: jobName(input),
    LabelAttributeName: ATTRIBUTE,
    InputConfig: { DataSource: { S3DataSource: { ManifestS3Uri: `${at}/input.manifest` } } },
    OutputConfig: { S3OutputPath: `${at}/output/` },
    RoleArn: settings.roleArn,
    LabelCategoryConfigS3Uri: `${at}/classes.json`,
    HumanTaskConfig: {
      WorkteamArn: settings.workteamArn,
      UiConfig: { UiTemplateS3Uri: `${at}/template.liquid` },
      PreHumanTaskLambdaArn: `${settings.functions}:PRE-${task}`,
      AnnotationConsolidationConfig: { AnnotationConsolidationLambdaArn: `${settings.functions}:ACS-${task}` },
      TaskTitle: `Label ${dataset}`.slice(0, 128),
      TaskDescription: described,
      NumberOfHumanWorkersPerDataObject: settings.labellersPerItem,
      TaskTimeLimitInSeconds: 600,
      TaskAvailabilityLifetimeInSeconds: 864_000,
    },
    Tags: [{ Key: 'millrace:run', Value: run }],
  };
}

/** At most 63 characters: the run, and enough of a digest that two datasets' jobs never meet. */
const jobName = ({ workspace, dataset, run }: LabellingRun) =>
  `millrace-${run}-${hexOf(digestOf(`${workspace}/${dataset}/${run}`)).slice(0, 12)}`;

/** A job labels by one key, and offers the classes that the spec lists. @throws LabelSetMissing, LabelSetUnfit */
function requireFit(spec: DatasetSpec) {
  const labels = requireLabels(spec);
  const [key, ...more] = labels.key;
  const { values } = spec.columns[labels.label] ?? {};
  if (!key || more.length > 0)
    throw DataErrors.LabelSetUnfit('labels.key: got several columns, a labelling job has one');
  if (!values || values.length < 2)
    throw DataErrors.LabelSetUnfit(
      `columns.${labels.label}.values: got ${values?.length ?? 'nothing'}, a labelling job offers two classes or more`,
    );
  return { key, labels, values };
}

/**
 * Turns the job's output into an upload of the label set, whose arrival starts its ingestion. Written once: a second try
 * finds it there.
 * @throws LabellingOutputInvalid, LabelSetUnfit
 */
export async function collectLabels({ table, raw, curated, clock }: LabellingDeps, input: LabellingRun) {
  const { workspace, dataset } = input;
  const { spec: digest } = await requireDataset(table, workspace, dataset);
  const spec = await specOf(table, workspace, digest);
  const { key, labels } = requireFit(spec);
  const at = `${folderOf(input)}/output/${jobName(input)}/manifests/output/output.manifest`;
  const bytes = await curated.get(at);
  if (!bytes) throw DataErrors.LabellingOutputInvalid(`output: got nothing, the job left no ${at}`);
  const { labels: given, failed } = labelsOfManifest(Buffer.from(bytes).toString('utf8'), ATTRIBUTE);
  if (given.length === 0)
    throw DataErrors.LabellingOutputInvalid(`output: got no label, ${failed.length} items failed`);
  // A day that stays the same however often this runs: that of the last label.
  const last =
    given
      .map((each) => each.at)
      .sort()
      .at(-1) ?? clock().toISOString();
  // Of the form that upload ids have, and the same for the same job.
  const uploadId = derivedId(jobName(input)).slice(0, 26);
  const to = rawKey({ workspace, dataset, uploadId, fileName: `${input.run}.jsonl` }, new Date(last));
  const rows = given.map((each) =>
    JSON.stringify(rowOf(spec, { key, label: labels.label, labeller: labels.labeller }, each, jobName(input))),
  );
  const written = await raw.create(to, `${rows.join('\n')}\n`, 'application/x-ndjson');
  return { key: to, uploadId, labels: given.length, failed: failed.length, written };
}

/** Columns that the label set has beside the three are filled where their meaning is plain, else left empty. */
function rowOf(
  { columns }: DatasetSpec,
  { key, label, labeller }: Record<'key' | 'label' | 'labeller', string>,
  given: { item: string; label: string; confidence?: number; at: string; byPeople: boolean },
  job: string,
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(columns)) {
    if (name === key) row[name] = type === 'integer' ? Number(given.item) : given.item;
    else if (name === label) row[name] = given.label;
    else if (name === labeller) row[name] = given.byPeople ? `ground-truth/${job}` : `ground-truth-automatic/${job}`;
    else if (type === 'timestamp') row[name] = given.at;
    else if (type === 'date') row[name] = given.at.slice(0, 10);
    else row[name] = name === 'confidence' ? (given.confidence ?? null) : null;
  }
  return row;
}
