import { type Edge, type LedgerAction, type PlatformEvent, partitionOf, type Ref } from '../lineage/contract.ts';
import { digestOfJson } from '../shared/digest.ts';
import type { RetryOptions } from '../shared/retry.ts';
import type { Key, Table, Value, Write } from '../shared/table.ts';
import { type Change, changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  type ModelHead,
  type ModelVersionFact,
  modelRef,
  ROLLOUT_TAG,
  requireModel,
  requireVersion,
  versionItem,
} from './model.ts';

/** One step of a rollout as the registry records it, together with the rollout's own facts. */
export interface LiveRecord {
  workspace: string;
  model: string;
  /** What is live from now on: a version, or null for none. Left out, `live` stays where it is. */
  version?: number | null;
  /** `rollout:…`; each of its actions is recorded once, however often it is told. */
  rollout: Ref;
  action: LedgerAction & `rollout-${string}`;
  actor: string;
  /** ISO 8601, UTC. */
  at: string;
  /** Why a version's rollout did not end with it live: becomes its tag `millrace.rollout`. */
  tag?: { version: number; text: string };
  /** Stands in the ledger entry beside rollout, version and the version before. */
  detail?: Record<string, Value>;
  facts?: readonly Write[];
  edges?: readonly Edge[];
  event?: PlatformEvent;
}

/**
 * Moves `live`, tags, writes the ledger entry and the caller's facts, edges and event, in one transaction. A version
 * that becomes live loses an old `millrace.rollout`. A retry is `already` recorded, whatever its time or facts say.
 *
 * @throws ModelMissing @throws ModelVersionMissing @throws ModelContended
 * @throws TokenReused when this rollout's action was recorded with another version or tag
 * @throws ConditionUnmet with positions in `facts`, when one of their conditions did not hold
 */
export async function recordLive(
  table: Table,
  record: LiveRecord,
  retry: RetryOptions = {},
): Promise<'recorded' | 'already'> {
  const { workspace, model, version, rollout, action, tag } = record;
  await requireModel(table, workspace, model);
  const key: Key = { pk: partitionOf(modelRef(workspace, model)), sk: `live#${rollout}#${action}` };
  const payload = digestOfJson({ version, tag });
  return changeModel<'recorded' | 'already'>(table, { workspace, model, retry }, async (head) => {
    const before = await table.get(key);
    if (before?.['payload'] === payload) return { found: 'already' };
    if (before) {
      throw RegistryErrors.TokenReused(
        `rollout: got ${rollout}, whose ${action} was recorded with another version or tag`,
      );
    }
    const tagged = await taggedVersions(table, record);
    const own: Write[] = [
      { put: { ...key, payload }, when: { absent: true } },
      ...tagged.map((fact) => ({ put: versionItem(workspace, fact) })),
    ];
    return { change: changeOf(record, head, own), result: 'recorded' };
  });
}

/** The versions whose tag changes: the one that goes live, and the one that is told why it does not. */
async function taggedVersions(
  table: Table,
  { workspace, model, version, tag }: LiveRecord,
): Promise<ModelVersionFact[]> {
  const numbers = new Set([version, tag?.version].filter((each) => typeof each === 'number'));
  const facts = await Promise.all([...numbers].map((number) => requireVersion(table, workspace, model, number)));
  return facts.map((fact) => {
    const { [ROLLOUT_TAG]: _old, ...tags } = fact.tags;
    return { ...fact, tags: fact.version === tag?.version ? { ...tags, [ROLLOUT_TAG]: tag.text } : tags };
  });
}

function changeOf(record: LiveRecord, head: ModelHead, facts: readonly Write[]): Change {
  const { workspace, model, version, rollout, action, actor, at, tag, detail = {}, edges, event } = record;
  const { live: before, ...others } = head.aliases;
  const live = version === undefined ? before : (version ?? undefined);
  return {
    head: { ...head, aliases: live === undefined ? others : { ...others, live } },
    facts,
    foreign: record.facts,
    edges,
    event,
    entry: {
      subject: modelRef(workspace, model),
      action,
      at,
      actor,
      detail: {
        ...detail,
        rollout,
        live: live ?? null,
        before: before ?? null,
        ...(tag && { tagged: tag.version, reason: tag.text }),
      },
    },
  };
}
