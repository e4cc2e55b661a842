import { type Edge, parseRef, type Ref, ref } from '../lineage/contract.ts';
import { canonicalJson, DIGEST_PATTERN, type Digest, digestOf } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import type { RetryOptions } from '../shared/retry.ts';
import type { Item, Key, Table, Value } from '../shared/table.ts';
import { type Change, changeModel } from './change-model.ts';
import { RegistryErrors } from './errors.ts';
import {
  checkModelName,
  isThere,
  listingKey,
  type ModelHead,
  type ModelVersionFact,
  modelRef,
  revived,
  versionItem,
  versionRef,
} from './model.ts';
import { indexWrites } from './version-index.ts';

export interface Registration {
  workspace: string;
  model: string;
  bundle: Digest;
  /** `run:…`, `dataset-version:…` and `spec:…` of the same workspace. */
  run: Ref;
  dataset: Ref;
  spec: Ref;
  metrics: Record<string, Value>;
  /** The gate's checks with their evidence. */
  gate: Value;
  /** Names this registration for its retries: the same token is the same version, for good. */
  token: string;
  actor: string;
  /** ISO 8601, UTC. */
  at: string;
  /** What MLflow's clients load it by: the run's id, and where its model's folder is. */
  runId?: string;
  source?: string;
}

/**
 * Gives a bundle the model's next number, in one transaction: head, version, token, ledger entry, edges, event.
 * Numbers are dense however many register at once and whatever fails between; a retry gets the number of the first.
 *
 * @throws TokenReused when the token registered something else
 * @throws RegistrationInvalid for references of another kind or workspace, or more evidence than an item holds
 * @throws ModelContended when others registered at every attempt
 */
export async function registerModelVersion(
  table: Table,
  registration: Registration,
  retry: RetryOptions = {},
): Promise<{ version: number }> {
  checkRegistration(registration);
  const { workspace, model, token } = registration;
  const payload = payloadOf(registration);
  return changeModel<{ version: number }>(table, { workspace, model, retry }, async (head) => {
    const before = (await table.get(tokenKey(workspace, token))) as (Item & TokenRow) | undefined;
    if (before?.payload === payload) return { found: { version: before.version } };
    if (before) {
      throw RegistryErrors.TokenReused(
        `token: got ${token}, which registered version ${before.version} of ${before.model} with another payload`,
      );
    }
    const version = head.latestVersion + 1;
    return { change: changeOf(registration, head, version, payload), result: { version } };
  });
}

interface TokenRow {
  model: string;
  version: number;
  payload: Digest;
}

/** Never expires: it outlives every retry, and is evidence. */
const tokenKey = (workspace: string, token: string): Key => ({
  pk: `${workspace}#registration#${derivedId(token)}`,
  sk: 'token',
});

/** What makes two registrations the same: everything but who and when. */
const payloadOf = ({ model, bundle, run, dataset, spec, metrics, gate }: Registration): Digest => {
  const text = canonicalJson({ model, bundle, run, dataset, spec, metrics, gate });
  if (text.length <= MAX_EVIDENCE) return digestOf(text);
  throw RegistryErrors.RegistrationInvalid(
    `metrics and gate: got ${text.length} characters, at most ${MAX_EVIDENCE} are kept`,
  );
};

/** DynamoDB takes 400 KB an item and three bytes may be one character; longer evidence belongs to the run's files. */
const MAX_EVIDENCE = 100_000;

function changeOf(registration: Registration, head: ModelHead, version: number, payload: Digest): Change {
  const { workspace, model, bundle, run, dataset, spec, metrics, gate, token, actor, at } = registration;
  const fact: ModelVersionFact = {
    model,
    version,
    bundle,
    run,
    dataset,
    spec,
    metrics,
    gate,
    registeredAt: at,
    tags: {},
    ...(registration.source && { source: registration.source }),
    ...(registration.runId && { runId: registration.runId }),
  };
  const bundleRef = ref('bundle', workspace, bundle);
  const tokenRow: TokenRow = { model, version, payload };
  return {
    head: {
      ...revived(head, at),
      latestVersion: version,
      // A head of before there was an index has none of its older versions in it.
      indexedFrom: isThere(head) ? (head.indexedFrom ?? version) : version,
      updatedAt: at,
    },
    facts: [
      { put: versionItem(workspace, fact), when: { absent: true } },
      { put: { ...tokenKey(workspace, token), ...tokenRow }, when: { absent: true } },
      { put: { ...listingKey(workspace, model), model } },
      ...indexWrites(workspace, fact),
    ],
    edges: edgesOf(registration, bundleRef, versionRef(workspace, model, version)),
    entry: {
      subject: modelRef(workspace, model),
      action: 'model-version-registered',
      at,
      actor,
      detail: { version, bundle, run, dataset, spec },
    },
    event: {
      id: derivedId('ModelVersionRegistered', workspace, model, String(version)),
      workspace,
      domain: 'registry',
      type: 'ModelVersionRegistered',
      detail: { model, version, bundle },
    },
  };
}

const edgesOf = ({ workspace, model, run, dataset, spec }: Registration, bundle: Ref, version: Ref): Edge[] => [
  { from: version, relation: 'version-of', to: modelRef(workspace, model) },
  { from: version, relation: 'derived-from', to: bundle },
  { from: run, relation: 'produced', to: bundle },
  { from: run, relation: 'read', to: dataset },
  { from: run, relation: 'derived-from', to: spec },
];

function checkRegistration({ workspace, model, bundle, run, dataset, spec, token }: Registration): void {
  checkModelName(model);
  const kinds = { run: [run, 'run'], dataset: [dataset, 'dataset-version'], spec: [spec, 'spec'] } as const;
  for (const [field, [value, kind]] of Object.entries(kinds)) {
    const parts = parseRef(value);
    if (parts?.kind === kind && parts.workspace === workspace) continue;
    throw RegistryErrors.RegistrationInvalid(`${field}: got ${value}, expected ${kind}:${workspace}/<path>`);
  }
  if (!DIGEST_PATTERN.test(bundle)) {
    throw RegistryErrors.RegistrationInvalid(`bundle: got ${bundle}, expected sha256: and 64 hex digits`);
  }
  if (token.length === 0 || token.length > 256) {
    throw RegistryErrors.RegistrationInvalid(`token: got ${token.length} characters, expected 1 to 256`);
  }
}
