import { readLedger, ref } from '../../lambdas/lineage/contract.ts';
import { type Candidate, createCandidate, createModel, setAlias } from '../../lambdas/registry/contract.ts';
import type { Table } from '../../lambdas/shared/table.ts';

const AT = '2026-01-06T09:00:00.000Z';
const ENGINEER = { tokenId: 't-1', roles: ['engineer'], workspaces: ['*'] };

/** What makes and names models and versions as a client does, on the table of the moment. */
export function clientModels(table: () => Table) {
  let tokens = 0;
  const change = (model = 'rain') => ({ workspace: 'default', model, actor: 't-1', at: AT });
  const model = (name = 'rain', more = {}) =>
    createModel(table(), { ...change(name), token: `model-${++tokens}`, ...more });
  const version = async (given: Partial<Candidate> = {}) =>
    (
      await createCandidate(table(), {
        ...change(),
        source: 'mlflow-artifacts:/1/models/m-1/artifacts',
        token: `version-${++tokens}`,
        ...given,
      })
    ).version;
  const named = (number: number, name = 'rain') => ({ workspace: 'default', model: name, version: number });
  const alias = (name: string, number: number) =>
    setAlias(table(), { ...named(number), alias: name, caller: ENGINEER, at: AT });
  const actions = async (name = 'rain') =>
    (await readLedger(table(), ref('model', 'default', name))).map(({ action }) => action);

  return { change, model, version, named, alias, actions };
}
