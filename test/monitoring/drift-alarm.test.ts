import { describe, expect, test } from '@jest/globals';
import { driftAlarmOf } from '../../lambdas/monitoring/drift-alarm.ts';
import { anAlarmMessage } from '../builders/alarm-message.ts';

describe('a message of the alarm topic', () => {
  test('is a drift alarm with endpoint, time and reason', () => {
    expect(driftAlarmOf(anAlarmMessage(), 'test')).toEqual({
      endpoint: 'rain',
      state: 'alarm',
      at: '2026-11-21T04:14:14.123Z',
      reason: 'Threshold Crossed: 1 datapoint [0.91] was greater than or equal to the threshold (0.2).',
    });
  });

  test('is a drift alarm that is over', () => {
    expect(driftAlarmOf(anAlarmMessage({ NewStateValue: 'OK' }), 'test')).toMatchObject({
      endpoint: 'rain',
      state: 'ok',
    });
  });

  test.each([
    ['a drift alarm without data', anAlarmMessage({ NewStateValue: 'INSUFFICIENT_DATA' })],
    ['another alarm', anAlarmMessage({ AlarmName: 'millrace/test/serving/errors/rain' })],
    ["another stage's alarm", anAlarmMessage({ AlarmName: 'millrace/prod/monitoring/drift/rain' })],
    ['an alarm whose name only begins alike', anAlarmMessage({ AlarmName: 'millrace/test/monitoring/drifting' })],
    ['text', 'the topic was tried by hand'],
    ['JSON that is no object', '"ALARM"'],
    ['null', 'null'],
    ['nothing', ''],
  ])('passes by when it is %s', (_, message) => {
    expect(driftAlarmOf(message, 'test')).toBeUndefined();
  });

  test.each([
    ['StateChangeTime', { StateChangeTime: 'yesterday' }],
    ['StateChangeTime', { StateChangeTime: undefined }],
    ['NewStateValue', { NewStateValue: 'BURNING' }],
  ])('that is a drift alarm with an unreadable %s is not passed over', (field, given) => {
    expect(() => driftAlarmOf(anAlarmMessage(given), 'test')).toThrow(
      expect.objectContaining({ name: 'AlarmUnreadable', message: expect.stringContaining(field) }),
    );
  });
});
