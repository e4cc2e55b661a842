import type { DatasetSpec } from '../data/contract.ts';
import { commit, factKey, type Ref, ref } from '../lineage/contract.ts';
import type { Clock } from '../shared/clock.ts';
import { canonicalJson, digestOf, digestOfJson } from '../shared/digest.ts';
import { derivedId } from '../shared/ids.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { ConditionUnmet, type Item, type Table, type Value, type Write } from '../shared/table.ts';
import { type AppliedSpec, pointerKey, type SpecFact, type SpecPointer } from './applied-spec.ts';
import { TrainingErrors } from './errors.ts';
import type { ModelSpec } from './model-spec.ts';
import { checkColumns } from './spec-columns.ts';
import { parseModelSpec } from './spec-text.ts';
import { scriptKey } from './training-job.ts';

export interface ApplySpecDeps {
  table: Table;
  /** The artifacts zone, for the texts of training scripts. */
  artifacts: ObjectStore;
  /** The spec of a dataset, or undefined where there is no such dataset. */
  datasetSpec: (table: Table, workspace: string, dataset: string) => Promise<DatasetSpec | undefined>;
  clock: Clock;
}

export interface SpecToApply {
  workspace: string;
  model: string;
  /** YAML. */
  text: string;
  commit: string;
  dirty: boolean;
  files: Readonly<Record<string, string>>;
  actor: string;
}

/**
 * Makes a spec the one that training and rollout go by. The spec is stored under the digest of its canonical JSON
 * with every default filled in; applying it again from the same commit changes nothing.
 *
 * @throws SpecNotYaml, SpecKeyUnknown, SpecFieldMissing, SpecFieldInvalid, SpecModelMismatch, SpecScriptInvalid
 * @throws SpecDatasetMissing, SpecColumnInvalid
 */
export async function applySpec(deps: ApplySpecDeps, request: SpecToApply): Promise<AppliedSpec> {
  const parsed = parseModelSpec(request.text);
  if (parsed.model !== request.model) {
    throw TrainingErrors.SpecModelMismatch(`model: got ${parsed.model}, the request is about ${request.model}`);
  }
  const dataset = await deps.datasetSpec(deps.table, request.workspace, parsed.dataset);
  if (!dataset) throw TrainingErrors.SpecDatasetMissing(`dataset: got ${parsed.dataset}, there is no such dataset`);
  checkColumns(parsed, dataset.columns);
  const spec = await withScript(deps, request, parsed);
  return storeSpec(deps, request, spec);
}

/** Stores the script by content and pins it in the spec, so that the spec's digest stands for it too. */
async function withScript(deps: ApplySpecDeps, { workspace, files }: SpecToApply, spec: ModelSpec): Promise<ModelSpec> {
  const { trainer } = spec;
  if (trainer.kind !== 'script') return spec;
  // Own members only: `constructor` is a good name for a script.
  const text = Object.hasOwn(files, trainer.script) ? files[trainer.script] : undefined;
  if (text === undefined) {
    throw TrainingErrors.SpecScriptInvalid(
      `trainer.script: got ${trainer.script}, its text was not sent (files: ${Object.keys(files).join(', ') || 'none'})`,
    );
  }
  const sha256 = digestOf(text);
  if (trainer.sha256 && trainer.sha256 !== sha256) {
    throw TrainingErrors.SpecScriptInvalid(
      `trainer.sha256: got ${trainer.sha256}, the text of ${trainer.script} is ${sha256}`,
    );
  }
  await deps.artifacts.create(scriptKey(workspace, { script: trainer.script, sha256 }), text, 'text/plain');
  return { ...spec, trainer: { ...trainer, sha256 } };
}

async function storeSpec(deps: ApplySpecDeps, request: SpecToApply, spec: ModelSpec): Promise<AppliedSpec> {
  const { workspace: ws, model, actor } = request;
  const digest = digestOfJson(spec);
  for (let attempt = 1; ; attempt++) {
    const current = (await deps.table.get(pointerKey(ws, model))) as (Item & SpecPointer) | undefined;
    if (current?.digest === digest && current.commit === request.commit && current.dirty === request.dirty) {
      return { digest, spec, commit: current.commit, dirty: current.dirty, appliedAt: current.appliedAt };
    }
    const appliedAt = deps.clock().toISOString();
    const pointer: SpecPointer = { digest, commit: request.commit, dirty: request.dirty, appliedAt };
    const specRef = ref('spec', ws, digest);
    const fact: SpecFact = { digest, model, spec, firstAppliedAt: appliedAt };
    const known = (await deps.table.get(factKey(specRef))) !== undefined;
    try {
      await commit(deps.table, {
        facts: [
          {
            put: { ...pointerKey(ws, model), ...pointer },
            when: current
              ? { equals: { digest: current.digest, commit: current.commit, dirty: current.dirty } }
              : { absent: true },
          },
          ...(known ? [] : [specWrite(specRef, fact)]),
        ],
        edges: [{ from: specRef, relation: 'version-of', to: ref('model', ws, model) }],
        entry: {
          subject: ref('model', ws, model),
          action: 'spec-applied',
          at: appliedAt,
          actor,
          detail: { spec: digest, commit: request.commit, dirty: request.dirty },
        },
        event: {
          id: derivedId('SpecApplied', ws, model, digest, appliedAt),
          workspace: ws,
          domain: 'training',
          type: 'SpecApplied',
          detail: { model, spec: digest },
        },
      });
      return { spec, ...pointer };
    } catch (error) {
      // Someone applied at the same moment; who is later wins, after looking again.
      if (!(error instanceof ConditionUnmet)) throw error;
      if (attempt === 5)
        throw TrainingErrors.SpecContended(`spec of ${model}: others applied one at the same moment`, { cause: error });
    }
  }
}

const specWrite = (specRef: Ref, fact: SpecFact): Write => ({
  put: { ...factKey(specRef), ...(JSON.parse(canonicalJson(fact)) as Record<string, Value>) },
  when: { absent: true },
});
