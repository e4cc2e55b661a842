import type { Key, PackedItem, Table, Write } from '../shared/table.ts';
import type { Announce } from './change-log.ts';
import { TrackingErrors } from './errors.ts';
import type { LoggedModel } from './logged-model.ts';
import { type ModelPoint, POINTS_DOCUMENT, withModelPoints } from './logged-model-points.ts';
import type { Point } from './point-block.ts';
import { runPartition } from './run-store.ts';
import {
  changeDocument,
  type DocumentPlace,
  documentOf,
  jsonDocument,
  putNewDocument,
  reread,
} from './split-document.ts';

/** A model's partition: `a` the model, `b` its points. */
const MODEL = jsonDocument<LoggedModel>();
const modelPartition = (ws: string, modelId: string) => `${ws}#model#${modelId}`;
const modelPlace = (ws: string, modelId: string): DocumentPlace => ({
  pk: modelPartition(ws, modelId),
  sk: 'a',
  name: `logged model ${modelId}: its params and tags`,
});
const pointsPlace = (ws: string, modelId: string): DocumentPlace => ({
  pk: modelPartition(ws, modelId),
  sk: 'b',
  name: `logged model ${modelId}: its metrics`,
});

/** An experiment's models, newest first and by id among those of one millisecond: the order of a search that names none. */
export const modelListPartition = (ws: string, experimentId: string): string => `${ws}#models#${experimentId}`;
const LAST_MS = 9_999_999_999_999;
export const listedAt = ({ createdAt, modelId }: Pick<LoggedModel, 'createdAt' | 'modelId'>): string =>
  `${String(LAST_MS - createdAt).padStart(13, '0')}#${modelId}`;
export const modelIdListedAt = (sk: string): string => sk.slice(sk.indexOf('#') + 1);

/** A run's models stand in its partition: most searches ask for those. */
export const RUN_MODELS = 'm#';

/** What changes are announced under. */
export const modelChanges = (experimentId: string): string => `models-${experimentId}`;

interface StoreDeps {
  table: Table;
  announce: Announce;
}

export interface FoundModel {
  model: LoggedModel;
  points: readonly ModelPoint[];
}

/** Writes a new model, listed and announced; its id is new, so that one which is there already is this one. */
export async function putNewModel({ table, announce }: StoreDeps, ws: string, model: LoggedModel): Promise<void> {
  const { modelId, experimentId, sourceRunId } = model;
  const listed: Write[] = [{ put: { pk: modelListPartition(ws, experimentId), sk: listedAt(model) } }];
  if (sourceRunId !== '')
    listed.push({ put: { pk: runPartition(ws, sourceRunId), sk: `${RUN_MODELS}${modelId}`, experimentId } });
  await announce.within(ws, modelChanges(experimentId), modelId, (entries) =>
    putNewDocument(table, MODEL, modelPlace(ws, modelId), model, [...listed, ...entries]),
  );
}

const keysOf = (ws: string, modelId: string): Key[] => {
  const pk = modelPartition(ws, modelId);
  return [
    { pk, sk: 'a' },
    { pk, sk: 'b' },
  ];
};

async function foundIn(
  table: Table,
  ws: string,
  modelId: string,
  items: readonly PackedItem[],
): Promise<FoundModel | undefined> {
  const model = await documentOf(table, MODEL, modelPlace(ws, modelId), items);
  if (!model) return undefined;
  const points = await documentOf(table, POINTS_DOCUMENT, pointsPlace(ws, modelId), items);
  return { model: model.document, points: points?.document ?? [] };
}

/** Models of these ids, in their order; those that are not there are left out. */
export async function findModels(table: Table, ws: string, modelIds: readonly string[]): Promise<FoundModel[]> {
  const ids = [...new Set(modelIds)];
  const byModel = Map.groupBy(await table.getMany(ids.flatMap((id) => keysOf(ws, id))), ({ pk }) => pk);
  const found = await Promise.all(
    ids.map(async (id) => {
      let items = byModel.get(modelPartition(ws, id));
      return reread(async () => {
        const read = items ?? (await table.getMany(keysOf(ws, id)));
        items = undefined;
        return foundIn(table, ws, id, read);
      });
    }),
  );
  return found.filter((one) => one !== undefined);
}

const MODEL_ID = /^m-[0-9a-f]{32}$/;

/** A model, deleted or not, or undefined. */
export async function findModel(table: Table, ws: string, modelId: string): Promise<FoundModel | undefined> {
  return MODEL_ID.test(modelId) ? (await findModels(table, ws, [modelId]))[0] : undefined;
}

/** @throws LoggedModelMissing, for a deleted one too unless it is asked for */
export async function requireModel(
  table: Table,
  ws: string,
  modelId: string,
  { allowDeleted = false } = {},
): Promise<FoundModel> {
  const found = await findModel(table, ws, modelId);
  return found && (allowDeleted || found.model.stage === 'active') ? found : missing(modelId);
}

function missing(modelId: string): never {
  throw TrackingErrors.LoggedModelMissing(`Logged model with ID '${modelId.slice(0, 100)}' not found.`);
}

/**
 * Changes a model, deleted or not: whoever knows the id of a deleted one may still write to it, as with MLflow's own
 * server.
 * @throws LoggedModelMissing, and what the plan throws
 */
export async function changeModel(
  { table, announce }: StoreDeps,
  ws: string,
  modelId: string,
  plan: (model: LoggedModel) => LoggedModel,
): Promise<LoggedModel> {
  if (!MODEL_ID.test(modelId)) missing(modelId);
  return changeDocument(table, MODEL, modelPlace(ws, modelId), async (before) => {
    if (!before) return missing(modelId);
    const after = plan(before);
    if (after !== before) await announce(ws, modelChanges(before.experimentId), modelId);
    return after;
  });
}

/** A model that points name, and what was read of it. */
interface NamedModel {
  model: LoggedModel;
  items: readonly PackedItem[];
}

/** The models that these points name. @throws LoggedModelMissing */
export async function modelsNamedBy(table: Table, ws: string, points: readonly Point[]): Promise<NamedModel[]> {
  const ids = [...new Set(points.flatMap(({ modelId }) => modelId ?? []))];
  const bad = ids.find((id) => !MODEL_ID.test(id));
  if (bad !== undefined) missing(bad);
  if (ids.length === 0) return [];
  return reread(async () => {
    const items = await table.getMany(ids.flatMap((id) => keysOf(ws, id)));
    return Promise.all(
      ids.map(async (id) => {
        const found = await documentOf(table, MODEL, modelPlace(ws, id), items);
        return found ? { model: found.document, items } : missing(id);
      }),
    );
  });
}

/** Logs points with the models that they name. */
export async function logModelPoints(
  { table, announce }: StoreDeps,
  ws: string,
  runId: string,
  points: readonly Point[],
  models: readonly NamedModel[],
): Promise<void> {
  await Promise.all(
    models.map(async ({ model: { modelId, experimentId }, items }) => {
      const own = points.filter((point) => point.modelId === modelId).map((point) => ({ ...point, runId }));
      await announce(ws, modelChanges(experimentId), modelId);
      const plan = (before: readonly ModelPoint[] = []) => withModelPoints(before, own);
      await changeDocument(table, POINTS_DOCUMENT, pointsPlace(ws, modelId), plan, { first: items });
    }),
  );
}
