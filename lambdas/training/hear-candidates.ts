import * as z from 'zod';
import { explainCandidate, type ModelVersionFact, modelFact, modelVersion } from '../registry/contract.ts';
import { PlatformError } from '../shared/errors.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { appliedSpec } from './applied-spec.ts';
import { findCandidateModel } from './candidate-files.ts';
import { type StartRunDeps, startRun } from './start-run.ts';

export interface CandidateDeps extends StartRunDeps {
  artifacts: ObjectStore;
}

/** What happened that may let a client's version become a bundle. */
export interface CandidateNews {
  /** EventBridge's detail-type. */
  type: string;
  detail: Record<string, unknown>;
}

const Made = z.object({
  workspace: z.string(),
  model: z.string(),
  version: z.number(),
  candidate: z.literal(true).optional(),
  prompt: z.literal(true).optional(),
});
const Applied = z.object({ workspace: z.string(), model: z.string() });

/** A spec that comes late finds the newest candidate among this many versions. */
const MOST_LOOKED_AT = 50;

/**
 * A version was made with a client, or chosen as champion, or its model got a spec: it is judged as soon as it can be.
 * Where it cannot, its tag says why. Heard twice, news does nothing new: one version and one spec are one run.
 */
export async function hearCandidates(deps: CandidateDeps, { type, detail }: CandidateNews): Promise<void> {
  if (type === 'SpecApplied') {
    const { workspace, model } = Applied.parse(detail);
    for (const version of await candidatesOf(deps, workspace, model)) await adopt(deps, workspace, version);
    return;
  }
  const { workspace, model, version, candidate, prompt } = Made.parse(detail);
  // What a training registered has its bundle; a prompt is text.
  if (prompt || (type === 'ModelVersionRegistered' && !candidate)) return;
  const fact = await modelVersion(deps.table, workspace, model, version);
  if (fact) await adopt(deps, workspace, fact);
}

/** The newest candidate, and the one that is champion: nobody asked for the older ones. */
async function candidatesOf({ table }: CandidateDeps, workspace: string, model: string): Promise<ModelVersionFact[]> {
  const head = await modelFact(table, workspace, model);
  if (!head) return [];
  const found = new Map<number, ModelVersionFact>();
  const look = async (version: number) => {
    const fact = await modelVersion(table, workspace, model, version);
    if (fact && !fact.bundle) found.set(version, fact);
  };
  const { champion } = head.aliases;
  if (champion !== undefined) await look(champion);
  const last = Math.max(1, head.latestVersion - MOST_LOOKED_AT + 1);
  for (let version = head.latestVersion; version >= last; version--) {
    await look(version);
    if (found.has(version)) break;
  }
  return [...found.values()];
}

async function adopt(deps: CandidateDeps, workspace: string, fact: ModelVersionFact): Promise<void> {
  const { model, version, bundle } = fact;
  if (bundle) return;
  const say = (why: string) => explainCandidate(deps.table, { workspace, model, version, why });
  const applied = await appliedSpec(deps.table, workspace, model);
  if (!applied) return say('no spec');
  try {
    await findCandidateModel(deps.artifacts, workspace, fact);
    const run = await startRun(deps, {
      workspace,
      model,
      adopts: version,
      dedupe: `adopt/${version}/${applied.digest}`,
      reason: `version ${version} was made with a client`,
      actor: 'training/adopt-candidates',
    });
    if (run.status === 'running') await say(`is being judged by run ${run.runId}`);
  } catch (error) {
    // A service that does not answer now answers later; everything else is about the version, its data or its spec.
    if (!(error instanceof PlatformError) || !LASTING.includes(error.kind)) throw error;
    await say(error.message);
  }
}

const LASTING: readonly string[] = ['invalid', 'missing'];
