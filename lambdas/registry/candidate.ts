import type { Edge } from '../lineage/contract.ts';
import { derivedId } from '../shared/ids.ts';
import type { RetryOptions } from '../shared/retry.ts';
import type { Item, Key, Table } from '../shared/table.ts';
import { type Change, changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  checkModelName,
  type ModelHead,
  type ModelVersionFact,
  modelRef,
  requireThere,
  requireVersion,
  versionItem,
  versionRef,
} from './model.ts';
import { checkDescription, isPrompt, type ModelChange } from './registered-model.ts';
import { freeTags, ownerOfVersion, withTags } from './tags.ts';
import { indexWrites } from './version-index.ts';

/** A version as a client makes it: files that some run left, which the platform has neither opened nor judged. */
export interface Candidate extends ModelChange {
  /** Where its files are, as the client names it, and as the store does where that is another name. */
  source: string;
  storage?: string;
  runId?: string;
  runLink?: string;
  modelId?: string;
  description?: string;
  tags?: Record<string, string>;
  /** Names this version for its retries. */
  token: string;
}

/** What a version keeps of links and places; longer ones are no addresses of anything here. */
const MOST_TEXT = 4000;

/**
 * Gives a client's version the model's next number: dense and unique as those of `registerModelVersion`, by the same
 * transaction. The event says that it has no bundle, so that training looks whether it can become one.
 * @throws ModelMissing @throws ModelTagInvalid @throws ModelVersionInvalid @throws ModelContended
 */
export async function createCandidate(
  table: Table,
  candidate: Candidate,
  retry: RetryOptions = {},
): Promise<ModelVersionFact> {
  checkCandidate(candidate);
  const { workspace, model, token } = candidate;
  return changeModel<ModelVersionFact>(table, { workspace, model, retry }, async (head) => {
    requireThere(head);
    const key = tokenKey(workspace, token);
    const before = (await table.get(key)) as (Item & { version: number }) | undefined;
    if (before) return { found: await requireVersion(table, workspace, model, before.version) };
    return changeOf(candidate, head, key);
  });
}

/** Kept as long as a client may go on asking: one that has its answer never asks again under this token. */
const tokenKey = (workspace: string, token: string): Key => ({
  pk: `${workspace}#candidate#${derivedId(token)}`,
  sk: 'token',
});
const TOKEN_KEPT_SECONDS = 24 * 3600;

function changeOf(candidate: Candidate, head: ModelHead, token: Key): { change: Change; result: ModelVersionFact } {
  const { workspace, model, actor, at, source, storage, runId, runLink, modelId, description } = candidate;
  const version = head.latestVersion + 1;
  const tags = freeTags(candidate.tags ?? {});
  const { writes, ...tagged } = withTags(workspace, ownerOfVersion(model, version), {}, tags);
  const told = { storage, runId, runLink, modelId, description };
  const fact: ModelVersionFact = {
    model,
    version,
    registeredAt: at,
    user: actor,
    source,
    ...tagged,
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined && value !== '')),
  };
  const mine = versionRef(workspace, model, version);
  const edges: Edge[] = [{ from: mine, relation: 'version-of', to: modelRef(workspace, model) }];
  const detail = { model, version, candidate: true, ...(isPrompt({ ...tags, ...head.tags }) && { prompt: true }) };
  const change: Change = {
    head: { ...head, latestVersion: version, indexedFrom: head.indexedFrom ?? version, updatedAt: at },
    facts: [
      { put: versionItem(workspace, fact), when: { absent: true } },
      {
        put: {
          ...token,
          version,
          expiresAt: Math.floor(Date.parse(at) / 1000) + TOKEN_KEPT_SECONDS,
        },
        when: { absent: true },
      },
      ...indexWrites(workspace, fact),
      ...writes,
    ],
    edges,
    entry: {
      subject: modelRef(workspace, model),
      action: 'model-version-registered',
      at,
      actor,
      detail: { version, bundle: null, source: source.slice(0, 500), run: runId ?? null },
    },
    event: {
      id: derivedId('ModelVersionRegistered', workspace, model, String(version)),
      workspace,
      domain: 'registry',
      type: 'ModelVersionRegistered',
      detail,
    },
  };
  return { change, result: fact };
}

function checkCandidate({ model, source, runLink, runId, modelId, description }: Candidate): void {
  checkModelName(model);
  checkDescription(description);
  for (const [field, value] of Object.entries({ source, run_link: runLink, run_id: runId, model_id: modelId })) {
    if ((value ?? '').length <= MOST_TEXT) continue;
    throw RegistryErrors.ModelVersionInvalid(`'${field}' exceeds the maximum length of ${MOST_TEXT} characters`);
  }
}
