import { endpointAlarm } from './names.ts';
import { type RollBackDeps, rollBack } from './roll-back.ts';
import type { ServedEndpoint } from './served-endpoint.ts';

/** What CloudWatch says of an alarm, as far as it counts here. */
export interface AlarmNews {
  alarm: string;
  state: string;
  /** When it changed its state, by CloudWatch's clock: tells one firing from the next, and not from its repetition. */
  at?: string;
}

export interface ReturnDeps extends RollBackDeps {
  stage: string;
  endpoints: readonly ServedEndpoint[];
}

/**
 * An endpoint runs a version whose bundle does not verify: a rollout that runs ends, or else the version before is live
 * again, once however often the message comes. Every other alarm is somebody else's. Where nothing is kept there is nothing to move to, and people are paged.
 */
export async function returnEndpoint(deps: ReturnDeps, { alarm, state, at }: AlarmNews): Promise<void> {
  const refused = deps.endpoints.find(
    ({ endpoint }) => alarm === `millrace/${deps.stage}/${endpointAlarm('bundle-refused', endpoint)}`,
  );
  if (!refused || state !== 'ALARM') return;
  try {
    const once = at === undefined ? undefined : `${alarm}@${at}`;
    await rollBack(deps, refused, { once, reason: 'its bundle did not verify', actor: `alarm ${alarm}` });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'NothingToRollBackTo')) throw error;
  }
}
