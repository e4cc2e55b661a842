import { type Commit, commit } from '../lineage/contract.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Table, type Write } from '../shared/table.ts';
import { RegistryErrors } from './errors.ts';
import { headItem, headOf, type ModelHead } from './model.ts';

/** What a change makes true beside the model's new head; `foreign` facts are another domain's, with its own conditions. */
export interface Change extends Omit<Commit, 'facts'> {
  head: ModelHead;
  facts?: readonly Write[];
  foreign?: readonly Write[];
}

interface ModelToChange {
  workspace: string;
  model: string;
  retry?: RetryOptions;
}

/**
 * The only way a model changes: `plan` reads what it needs and says what becomes true, or says what was found and
 * nothing is written. All changes of one model are in one order, because each holds only against the head it was
 * planned on; a lost race plans again.
 *
 * @throws ModelContended when the model changed at every attempt
 * @throws ConditionUnmet with positions in `foreign`, when only those did not hold
 */
export function changeModel<Result>(
  table: Table,
  { workspace, model, retry = {} }: ModelToChange,
  plan: (head: ModelHead) => Promise<{ found: Result } | { change: Change; result: Result }>,
): Promise<Result> {
  const attempt = async () => {
    const head = await headOf(table, workspace, model);
    const planned = await plan(head);
    if ('found' in planned) return planned.found;
    const { head: next, facts = [], foreign = [], ...rest } = planned.change;
    const own: Write[] = [
      {
        put: headItem(workspace, { ...next, revision: head.revision + 1 }),
        when: head.revision === 0 ? { absent: true } : { equals: { revision: head.revision } },
      },
      ...facts,
    ];
    try {
      await commit(table, { ...rest, facts: [...own, ...foreign] });
    } catch (error) {
      if (!(error instanceof ConditionUnmet)) throw error;
      const theirs = error.failed.map((position) => position - own.length);
      if (theirs.every((position) => position >= 0)) throw new ConditionUnmet(theirs);
      throw RegistryErrors.ModelContended(`model ${model}: others changed it at the same time`, { cause: error });
    }
    return planned.result;
  };
  return retrying(attempt, (error) => error instanceof Error && error.name === 'ModelContended', {
    attempts: 20,
    sleep: atMostHalfASecond,
    ...retry,
  });
}

/** Twenty doublings would wait for hours; writers of one model are few, and each round lets one of them through. */
const atMostHalfASecond = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 500)));
