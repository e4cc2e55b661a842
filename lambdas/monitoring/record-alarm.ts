import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';
import type { DriftAlarm } from './drift-alarm.ts';
import { alarmWrite, readAlarm } from './drift-state.ts';
import { type WatchedEndpoint, watchedEndpoint } from './watched-endpoint.ts';

export interface RecordAlarmDeps {
  table: Table;
  endpoints: readonly WatchedEndpoint[];
  retry?: RetryOptions;
}

/**
 * Notes an alarm's state for those who ask how an endpoint is. Messages come in any order and more than once: the latest
 * change stays.
 *
 * @throws EndpointUnwatched when the alarm is of an endpoint that the stage has not
 */
export async function recordAlarm({ table, endpoints, retry }: RecordAlarmDeps, alarm: DriftAlarm): Promise<void> {
  const { workspace, endpoint } = watchedEndpoint(endpoints, alarm.endpoint);
  const recordOnce = async () => {
    const before = await readAlarm(table, workspace, endpoint);
    if (before && before.at > alarm.at) return;
    await table.transact([alarmWrite(workspace, endpoint, before, { state: alarm.state, at: alarm.at })]);
  };
  await retrying(recordOnce, (error) => error instanceof ConditionUnmet, { attempts: 12, ...retry });
}
