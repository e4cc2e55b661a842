import { describe, expect, test } from '@jest/globals';
import type { SNSEvent } from 'aws-lambda';
import { readAlarm } from '../../lambdas/monitoring/drift-state.ts';
import { decideRetrainingConsumer } from '../../lambdas/monitoring/handlers/decide-retraining.ts';
import { anAlarmMessage } from '../builders/alarm-message.ts';
import { aWatchedEndpoint } from '../builders/watched-endpoint.ts';
import { memoryTable } from '../fakes/memory-table.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const eventOf = (...messages: string[]): SNSEvent =>
  ({ Records: messages.map((Message, i) => ({ Sns: { MessageId: `m-${i}`, Message } })) }) as unknown as SNSEvent;

function listener() {
  const table = memoryTable();
  const logger = recordingLogger();
  const clock = () => new Date('2026-11-21T04:15:00.000Z');
  const endpoints = [aWatchedEndpoint()];
  const consumer = decideRetrainingConsumer.with({
    table,
    logger,
    clock,
    endpoints,
    cooldownMinutes: 60,
    stage: 'test',
  });
  return { table, logger, hear: (...messages: string[]) => consumer.handle(eventOf(...messages)) };
}

describe('what hears the alarm topic', () => {
  test('decides once on a drift alarm that is delivered twice', async () => {
    const { hear, logger, table } = listener();
    await hear(anAlarmMessage());
    await hear(anAlarmMessage());
    expect(logger.lines.map(({ fields }) => fields['decision'])).toEqual(['requested', 'known']);
    expect(table.items().filter(({ sk }) => sk === 'event')).toHaveLength(1);
  });

  test('lets every other message pass without a trace', async () => {
    const { hear, logger, table } = listener();
    await hear(anAlarmMessage({ AlarmName: 'millrace/test/lineage/dead-letters/x' }), 'text');
    expect(table.items()).toEqual([]);
    expect(logger.lines).toEqual([]);
  });

  test('keeps the latest state of the alarm, in whatever order the changes are told', async () => {
    const { hear, table } = listener();
    const change = (minute: number, NewStateValue: string) =>
      anAlarmMessage({ NewStateValue, StateChangeTime: `2026-11-21T04:${minute}:00.000+0000` });
    const state = () => readAlarm(table, 'default', 'rain');
    expect(await state()).toBeUndefined();
    await hear(change(10, 'ALARM'));
    expect(await state()).toEqual({ state: 'alarm', at: '2026-11-21T04:10:00.000Z' });
    await hear(change(30, 'OK'));
    await hear(change(20, 'ALARM'));
    await hear(change(10, 'ALARM'));
    expect(await state()).toEqual({ state: 'ok', at: '2026-11-21T04:30:00.000Z' });
  });

  test('an alarm that is over starts nothing', async () => {
    const { hear, table } = listener();
    await hear(anAlarmMessage({ NewStateValue: 'OK' }));
    expect(table.items()).toHaveLength(1);
  });

  test('fails when it cannot decide, so that the message comes again and is kept', async () => {
    const { hear } = listener();
    const stranger = anAlarmMessage({ AlarmName: 'millrace/test/monitoring/drift/hail' });
    await expect(hear(stranger)).rejects.toMatchObject({ name: 'EndpointUnwatched' });
    await expect(hear(anAlarmMessage({ StateChangeTime: 'soon' }))).rejects.toMatchObject({ name: 'AlarmUnreadable' });
  });
});
