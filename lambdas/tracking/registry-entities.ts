import type { ModelFact, ModelVersionFact } from '../registry/contract.ts';
import { latestByStage, stageOf, updatedAt } from '../registry/contract.ts';

/** MLflow's entities of the registry, as they are sent. What is undefined is left out. */

interface Tag {
  key: string;
  value: string;
}

export interface ModelVersionEntity {
  name: string;
  version: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  user_id?: string;
  current_stage: string;
  description?: string;
  source?: string;
  run_id?: string;
  run_link?: string;
  model_id?: string;
  status: 'READY';
  tags?: Tag[];
  aliases?: string[];
}

export interface RegisteredModelEntity {
  name: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  user_id?: string;
  description?: string;
  latest_versions?: ModelVersionEntity[];
  tags?: Tag[];
  aliases?: { alias: string; version: string }[];
}

const ms = (iso: string | undefined): number => (iso === undefined ? 0 : Date.parse(iso));
const some = <T>(list: readonly T[]): T[] | undefined => (list.length > 0 ? [...list] : undefined);
const tagList = (tags: Record<string, string>): Tag[] | undefined =>
  some(Object.entries(tags).map(([key, value]) => ({ key, value })));

/** Never anything but READY: a number is given only when all that MLflow promises of a version is true. */
export const versionEntity = (
  head: ModelFact,
  fact: ModelVersionFact,
  tags: Record<string, string> = fact.tags,
): ModelVersionEntity => ({
  name: fact.model,
  version: String(fact.version),
  creation_timestamp: ms(fact.registeredAt),
  last_updated_timestamp: ms(updatedAt(fact, head)),
  user_id: fact.user,
  current_stage: stageOf(head, fact.version),
  description: fact.description,
  source: fact.source ?? '',
  run_id: fact.runId ?? runOf(fact) ?? '',
  run_link: fact.runLink ?? '',
  model_id: fact.modelId,
  status: 'READY',
  tags: tagList(tags),
  aliases: some(
    Object.entries(head.aliases)
      .filter(([, version]) => version === fact.version)
      .map(([alias]) => alias),
  ),
});

/** A training's run is a tracking run of the same id. */
const runOf = ({ run }: ModelVersionFact): string | undefined => run?.slice(run.indexOf('/') + 1);

export const modelEntity = (
  head: ModelFact,
  tags: Record<string, string>,
  latest: readonly ModelVersionEntity[],
): RegisteredModelEntity => ({
  name: head.model,
  creation_timestamp: ms(head.createdAt),
  last_updated_timestamp: ms(head.updatedAt ?? head.createdAt),
  user_id: head.user,
  description: head.description || undefined,
  latest_versions: some(latest),
  tags: tagList(tags),
  aliases: some(
    Object.entries(head.aliases).flatMap(([alias, version]) =>
      version === undefined ? [] : [{ alias, version: String(version) }],
    ),
  ),
});

/** The newest version of each stage that has one, in the order of stages. */
export const latestNumbers = (head: ModelFact, stages?: readonly string[]): number[] =>
  [...latestByStage(head)].flatMap(([stage, version]) => (!stages || stages.includes(stage) ? [version] : []));
