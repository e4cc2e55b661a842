import type { Edge, Ref } from '../lineage/contract.ts';
import { ref } from '../lineage/contract.ts';
import { DIGEST_PATTERN, type Digest } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import type { RetryOptions } from '../shared/retry.ts';
import type { Table, Value } from '../shared/table.ts';
import { changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  CANDIDATE_TAG,
  type ModelVersionFact,
  modelRef,
  ROLLOUT_TAG,
  requireThere,
  requireVersion,
  versionItem,
  versionRef,
} from './model.ts';

/** What a candidate becomes: judged as a trained model is, and sealed. */
export interface Attachment {
  workspace: string;
  model: string;
  version: number;
  bundle: Digest;
  run: Ref;
  dataset: Ref;
  spec: Ref;
  metrics: Record<string, Value>;
  gate: Value;
  actor: string;
  /** ISO 8601, UTC. */
  at: string;
}

/**
 * Gives a candidate its bundle, with ledger entry and lineage. Where it is champion already, its rollout is asked for
 * in the same transaction. The same bundle again is nothing new.
 * @throws ModelMissing @throws ModelVersionMissing @throws TokenReused where it has another bundle
 */
export async function attachBundle(table: Table, attachment: Attachment, retry: RetryOptions = {}): Promise<void> {
  const { workspace, model, version, bundle, run, dataset, spec, metrics, gate, actor, at } = attachment;
  if (!DIGEST_PATTERN.test(bundle)) {
    throw RegistryErrors.RegistrationInvalid(`bundle: got ${bundle}, expected sha256: and 64 hex digits`);
  }
  await changeModel(table, { workspace, model, retry }, async (head) => {
    requireThere(head);
    const before = await requireVersion(table, workspace, model, version);
    if (before.bundle === bundle) return { found: undefined };
    if (before.bundle) {
      throw RegistryErrors.TokenReused(
        `version ${version} of ${model}: has the bundle ${before.bundle}, got ${bundle}`,
      );
    }
    const { [CANDIDATE_TAG]: _why, [ROLLOUT_TAG]: _waits, ...tags } = before.tags;
    const fact: ModelVersionFact = { ...before, bundle, run, dataset, spec, metrics, gate, tags };
    const isChampion = head.aliases.champion === version;
    const sealed = ref('bundle', workspace, bundle);
    const mine = versionRef(workspace, model, version);
    const edges: Edge[] = [
      { from: mine, relation: 'derived-from', to: sealed },
      { from: run, relation: 'produced', to: sealed },
      { from: run, relation: 'read', to: dataset },
      { from: run, relation: 'derived-from', to: spec },
    ];
    const change = {
      head,
      facts: [{ put: versionItem(workspace, fact) }],
      edges,
      entry: {
        subject: modelRef(workspace, model),
        action: 'model-version-bundled' as const,
        at,
        actor,
        detail: { version, bundle, run, dataset, spec },
      },
      event: {
        id: derivedId('ModelVersionBundled', workspace, model, String(version), bundle),
        workspace,
        domain: 'registry',
        type: isChampion ? 'ChampionChosen' : 'ModelVersionBundled',
        detail: { model, version, bundle },
      },
    };
    return { change, result: undefined };
  });
}

/**
 * Says in words why a candidate is no bundle. Nothing is written where it has one, or says so already.
 * @throws ModelMissing @throws ModelVersionMissing
 */
export async function explainCandidate(
  table: Table,
  { workspace, model, version, why }: { workspace: string; model: string; version: number; why: string },
): Promise<void> {
  const text = why.slice(0, MOST_WORDS);
  await changeModel(table, { workspace, model }, async (head) => {
    requireThere(head);
    const fact = await requireVersion(table, workspace, model, version);
    if (fact.bundle || fact.tags[CANDIDATE_TAG] === text) return { found: undefined };
    const isChampion = head.aliases.champion === version;
    const tags = {
      ...fact.tags,
      [CANDIDATE_TAG]: text,
      ...(isChampion && { [ROLLOUT_TAG]: `candidate: ${text}` }),
    };
    return { change: { head, facts: [{ put: versionItem(workspace, { ...fact, tags }) }] }, result: undefined };
  });
}

/** As long as a rollout's reason. */
const MOST_WORDS = 500;
