import type { Logger } from '../shared/logger.ts';
import { type DecideDeps, decideRetraining } from './decide-retraining.ts';
import { driftAlarmOf } from './drift-alarm.ts';
import { recordAlarm } from './record-alarm.ts';

export interface HearDeps extends DecideDeps {
  stage: string;
  logger: Logger;
}

/** A message of the alarm topic: a drift alarm's state is noted, one that fires is decided on, all else passes by. */
export async function hearAlarm(deps: HearDeps, message: string): Promise<void> {
  const alarm = driftAlarmOf(message, deps.stage);
  if (!alarm) return;
  await recordAlarm(deps, alarm);
  if (alarm.state !== 'alarm') return;
  const decision = await decideRetraining(deps, alarm);
  deps.logger.info('drift alarm', { endpoint: alarm.endpoint, at: alarm.at, ...decision });
}
