import type { Table } from '../shared/table.ts';
import { changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  checkModelName,
  type ModelFact,
  type ModelHead,
  type ModelVersionFact,
  requireThere,
  requireVersion,
  STAGES,
  type Stage,
} from './model.ts';
import { isGone } from './number-ranges.ts';

const ACTIVE: readonly Stage[] = ['Staging', 'Production'];
/** They stand in the model's one item, at about 60 bytes each. */
const MOST_STAGED = 3000;

/** @throws StageInvalid */
export function stageNamed(text: string): Stage {
  const stage = STAGES.find((each) => each.toLowerCase() === text.toLowerCase());
  if (stage) return stage;
  throw RegistryErrors.StageInvalid(`Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(', ')}.`);
}

export const stageOf = ({ stages }: ModelFact, version: number): Stage => stages?.[String(version)]?.stage ?? 'None';

/** The time of a version's last change, of its stage included. */
export function updatedAt(
  fact: Pick<ModelVersionFact, 'version' | 'registeredAt' | 'updatedAt'>,
  head: ModelFact,
): string {
  const own = fact.updatedAt ?? fact.registeredAt;
  const staged = head.stages?.[String(fact.version)]?.at ?? '';
  return [own, staged].sort().at(-1) as string;
}

/** The highest version of each stage that has one, by stage. */
export function latestByStage(head: ModelFact): Map<Stage, number> {
  const latest = new Map<Stage, number>();
  for (let version = head.latestVersion; version > 0; version--) {
    const ends = head.gone?.find(({ from, to }) => from <= version && version <= to);
    if (ends) version = ends.from;
    else if (stageOf(head, version) === 'None') {
      latest.set('None', version);
      break;
    }
  }
  for (const [text, { stage }] of Object.entries(head.stages ?? {})) {
    const version = Number(text);
    if (!isGone(head.gone, version) && version > (latest.get(stage) ?? 0)) latest.set(stage, version);
  }
  return latest;
}

export interface StageChange {
  workspace: string;
  model: string;
  version: number;
  stage: string;
  /** Whether others in that stage leave it for Archived. */
  archive?: boolean;
  /** ISO 8601, UTC. */
  at: string;
}

/**
 * Moves a version to a stage, and with `archive` those that are there to Archived, in one write.
 * @throws StageInvalid @throws ModelMissing @throws ModelVersionMissing @throws ModelTooLarge
 */
export async function moveToStage(table: Table, change: StageChange): Promise<void> {
  const { workspace, model, version, archive = false, at } = change;
  checkModelName(model);
  const stage = stageNamed(change.stage);
  if (archive && !ACTIVE.includes(stage)) {
    throw RegistryErrors.StageInvalid(
      `Model version transition cannot archive existing model versions because '${change.stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
    );
  }
  await changeModel(table, { workspace, model }, async (head) => {
    requireThere(head);
    await requireVersion(table, workspace, model, version);
    const stages = staged(head, { version, stage, archive, at });
    return { change: { head: { ...head, stages, updatedAt: at } }, result: undefined };
  });
}

function staged(
  head: ModelHead,
  { version, stage, archive, at }: { version: number; stage: Stage; archive: boolean; at: string },
): NonNullable<ModelFact['stages']> {
  const stages = Object.fromEntries(
    Object.entries(head.stages ?? {}).map(([each, before]) => [
      each,
      archive && before.stage === stage && Number(each) !== version ? { stage: 'Archived' as const, at } : before,
    ]),
  );
  if (stage === 'None') delete stages[String(version)];
  else stages[String(version)] = { stage, at };
  if (Object.keys(stages).length <= MOST_STAGED) return stages;
  throw RegistryErrors.ModelTooLarge(
    `model ${head.model}: has ${MOST_STAGED} versions in a stage other than None; delete old ones, or move them to None`,
  );
}
