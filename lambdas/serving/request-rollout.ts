import { commit } from '../lineage/contract.ts';
import { CANDIDATE_TAG, modelFact, modelVersion } from '../registry/contract.ts';
import { derivedId } from '../shared/ids.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';
import { endpointFact } from './endpoint-fact.ts';
import { ServingErrors } from './errors.ts';
import { type RolloutFact, rolloutFact, rolloutItem, rolloutListing } from './rollout.ts';
import { rolloutEdges } from './rollout-edges.ts';
import type { ServedEndpoint } from './served-endpoint.ts';
import { type RequestDeps, takeTurn } from './take-turn.ts';

/** Somebody wants a version live. */
export interface Wish {
  workspace: string;
  model: string;
  version: number;
  /** The same key is the same rollout. */
  dedupe: string;
  actor: string;
}

/** A newly chosen champion is rolled out to every endpoint that serves its model; where it is live already, nothing happens. */
export async function requestRollouts(deps: RequestDeps, wish: Wish): Promise<void> {
  const served = deps.endpoints.filter(({ workspace, model }) => workspace === wish.workspace && model === wish.model);
  for (const endpoint of served) {
    const state = await endpointFact(deps.table, wish.workspace, endpoint.endpoint);
    const live = state?.live?.modelVersion === wish.version;
    if (live && !(await isAskedFor(deps.table, endpoint, wish))) continue;
    await requestRollout(deps, endpoint, wish);
  }
}

const idOf = ({ workspace, endpoint }: ServedEndpoint, dedupe: string) =>
  derivedId('rollout', workspace, endpoint, dedupe);

const isAskedFor = async (table: Table, endpoint: ServedEndpoint, { dedupe }: Wish) =>
  (await rolloutFact(table, endpoint.workspace, idOf(endpoint, dedupe))) !== undefined;

/**
 * Makes sure that the wished rollout exists and is under way, in the queue, or over. It is written first, then its
 * execution is started under a name derived from it: whatever dies in between, the same wish goes on from there.
 * @throws ModelVersionUnknown @throws VersionUnbundled
 */
async function requestRollout(deps: RequestDeps, endpoint: ServedEndpoint, wish: Wish): Promise<RolloutFact> {
  const { table, clock } = deps;
  const { workspace: ws, model } = endpoint;
  const id = idOf(endpoint, wish.dedupe);
  if (!(await rolloutFact(table, ws, id))) {
    const version = await modelVersion(table, ws, model, wish.version);
    if (!version) {
      throw ServingErrors.ModelVersionUnknown(`version: got ${wish.version}, model ${model} has no such version`);
    }
    if (!version.bundle) {
      throw ServingErrors.VersionUnbundled(
        `version: got ${wish.version} of model ${model}, which is a candidate: ${version.tags[CANDIDATE_TAG] ?? 'it waits to become a bundle'}`,
      );
    }
    const fact: RolloutFact = {
      id,
      endpoint: endpoint.endpoint,
      model,
      modelVersion: wish.version,
      bundle: version.bundle,
      actor: wish.actor,
      requestedAt: clock().toISOString(),
      status: 'waiting',
      attempt: 0,
      steps: [],
    };
    await create(table, ws, fact);
  }
  await takeTurn(deps, endpoint, id);
  return (await rolloutFact(table, ws, id)) as RolloutFact;
}

async function create(table: Table, ws: string, fact: RolloutFact): Promise<void> {
  try {
    await commit(table, {
      facts: [{ put: rolloutItem(ws, fact), when: { absent: true } }, rolloutListing(ws, fact)],
      edges: rolloutEdges(ws, fact),
    });
  } catch (error) {
    // The same wish arrived twice at once, and the other one was first: that is the rollout.
    if (!(error instanceof ConditionUnmet)) throw error;
  }
}

/**
 * Rolls an endpoint's champion out, whether or not it is live: for new platform code, or after a failure.
 * @throws NoChampion where nobody chose one
 */
export async function startRollout(
  deps: RequestDeps,
  endpoint: ServedEndpoint,
  { dedupe, actor }: { dedupe: string; actor: string },
): Promise<RolloutFact> {
  const { workspace, model } = endpoint;
  const version = (await modelFact(deps.table, workspace, model))?.aliases.champion;
  if (version === undefined) {
    throw ServingErrors.NoChampion(`endpoint ${endpoint.endpoint}: model ${model} has no champion to roll out`);
  }
  return requestRollout(deps, endpoint, { workspace, model, version, dedupe: `asked-${dedupe}`, actor });
}
