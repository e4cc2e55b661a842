import {
  CHAMPION_CHOSEN,
  ChampionChosen,
  EXECUTION_CHANGED,
  ROLLOUT_ENDED,
  RollOutModelInput,
  RolloutEnded,
} from './contract.ts';
import { requestRollouts } from './request-rollout.ts';
import { finishReturn, type RollBackDeps } from './roll-back.ts';
import { rolloutFact } from './rollout.ts';
import { servedEndpoint } from './served-endpoint.ts';
import { type RequestDeps, takeTurn } from './take-turn.ts';

/** What happened that may let a rollout begin. */
export interface RolloutNews {
  /** EventBridge's detail-type. */
  type: string;
  detail: Record<string, unknown>;
}

/**
 * A champion was chosen: its rollout is asked for. A rollout ended, or its execution died: whoever waits begins, or the
 * same rollout once more. Heard twice, news does nothing new.
 */
export async function hearNews(deps: RequestDeps & RollBackDeps, { type, detail }: RolloutNews): Promise<void> {
  if (type === CHAMPION_CHOSEN.detailType) {
    const { id, workspace, model, version } = ChampionChosen.parse(detail);
    return requestRollouts(deps, { workspace, model, version, dedupe: id, actor: `event ${id}` });
  }
  if (type === ROLLOUT_ENDED) {
    const { workspace, endpoint } = RolloutEnded.parse(detail);
    return goOn(deps, workspace, endpoint);
  }
  if (type === EXECUTION_CHANGED) {
    const { workspace, rollout } = RollOutModelInput.parse(JSON.parse(String(detail['input'])));
    const fact = await rolloutFact(deps.table, workspace, rollout);
    if (fact) await goOn(deps, workspace, fact.endpoint);
  }
}

async function goOn(deps: RequestDeps & RollBackDeps, workspace: string, name: string): Promise<void> {
  const endpoint = servedEndpoint(deps.endpoints, workspace, name);
  await finishReturn(deps, endpoint);
  await takeTurn(deps, endpoint);
}
