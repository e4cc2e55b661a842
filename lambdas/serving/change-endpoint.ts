import { type Commit, commit } from '../lineage/contract.ts';
import { type LiveRecord, recordLive } from '../registry/contract.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';
import { type EndpointFact, endpointState, endpointWrite } from './endpoint-fact.ts';
import { ServingErrors } from './errors.ts';
import type { ServedEndpoint } from './served-endpoint.ts';

/** What becomes true together with an endpoint's next state. */
export interface EndpointChange extends Partial<Commit> {
  next: EndpointFact;
  /** The change as the model's registry records it: moves `live`, tags, writes the ledger. */
  live?: Omit<LiveRecord, 'workspace' | 'model' | 'facts' | 'edges' | 'event'>;
}

/**
 * The only way an endpoint's state changes: `plan` says what becomes true, or nothing when there is nothing to do,
 * and it all holds only against the state that was read. A lost race plans again.
 *
 * @throws EndpointContended when others changed the endpoint at every attempt
 */
export function changeEndpoint(
  table: Table,
  { workspace, endpoint, model }: ServedEndpoint,
  plan: (state: EndpointFact) => Promise<EndpointChange | undefined>,
  retry: RetryOptions = {},
): Promise<EndpointFact> {
  const attempt = async () => {
    const state = await endpointState(table, workspace, endpoint, model);
    const change = await plan(state);
    if (!change) return state;
    const { next, live, facts = [], edges, entry, event } = change;
    const all = [endpointWrite(workspace, { ...next, revision: state.revision }), ...facts];
    try {
      if (live) await recordLive(table, { ...live, workspace, model, facts: all, edges, event });
      else await commit(table, { facts: all, edges, entry, event });
    } catch (error) {
      if (!(error instanceof ConditionUnmet)) throw error;
      throw ServingErrors.EndpointContended(`endpoint ${endpoint}: others changed it at the same time`, {
        cause: error,
      });
    }
    return { ...next, revision: state.revision + 1 };
  };
  return retrying(attempt, (error) => error instanceof Error && error.name === 'EndpointContended', {
    attempts: 10,
    ...retry,
  });
}
