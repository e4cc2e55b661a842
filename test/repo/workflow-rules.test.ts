import { describe, expect, test } from '@jest/globals';
import { workflowComplaints } from '../../bin/check/workflow-rules.ts';

const RETRY = [
  { ErrorEquals: ['ServiceThrottled'], IntervalSeconds: 1, MaxAttempts: 3, MaxDelaySeconds: 9, JitterStrategy: 'FULL' },
];
const aTask = (changed: Record<string, unknown> = {}) => ({
  Type: 'Task',
  Resource: '${CountRows}',
  TimeoutSeconds: 30,
  Retry: RETRY,
  Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Record failure' }],
  End: true,
  ...changed,
});
const aMachine = (states: Record<string, unknown> = { Count: aTask() }, changed: Record<string, unknown> = {}) =>
  JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: Object.keys(states)[0],
    States: {
      ...states,
      'Record failure': { Type: 'Task', Resource: '${CountRows}', TimeoutSeconds: 9, Retry: RETRY, Next: 'Failed' },
      Failed: { Type: 'Fail', Error: 'Failed' },
    },
    ...changed,
  });

describe('the rules for state machines', () => {
  test('a machine whose tasks have timeout, retries and catch is fine', () => {
    expect(workflowComplaints(aMachine())).toEqual([]);
  });

  test.each([
    ['that is not JSON', '{', /is not JSON/],
    [
      'with a transition to nowhere',
      aMachine({ Count: aTask({ End: undefined, Next: 'Nowhere' }) }),
      /Nowhere|MISSING/,
    ],
    [
      'without a timeout',
      aMachine({ Count: aTask({ TimeoutSeconds: undefined }) }),
      /^Count: a task has TimeoutSeconds/,
    ],
    ['without retries', aMachine({ Count: aTask({ Retry: undefined }) }), /^Count: a task has a Retry list/],
    [
      'whose retries all come at once',
      aMachine({ Count: aTask({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }] }) }),
      /JitterStrategy FULL/,
    ],
    ['without a catch', aMachine({ Count: aTask({ Catch: undefined }) }), /^Count: a task has a Catch of States.ALL/m],
    ['that waits for heartbeats', aMachine({ Count: aTask({ HeartbeatSeconds: 5 }) }), /HeartbeatSeconds/],
    ['in another language', aMachine(undefined, { QueryLanguage: 'JSONPath' }), /JSONata/],
    ['with a timeout of its own', aMachine(undefined, { TimeoutSeconds: 5 }), /belongs on tasks/],
  ])('finds a machine %s', (_, text, complaint) => {
    expect(workflowComplaints(text).join('\n')).toMatch(complaint);
  });

  test('a task inside a Map is covered by the catch of the Map, and one inside an uncaught Map is not', () => {
    const map = (changed: Record<string, unknown> = {}) => ({
      Type: 'Map',
      ItemProcessor: { StartAt: 'Inner', States: { Inner: aTask({ Catch: undefined }) } },
      End: true,
      ...changed,
    });
    expect(workflowComplaints(aMachine({ Each: map({ Catch: aTask().Catch }) }))).toEqual([]);
    expect(workflowComplaints(aMachine({ Each: map() }))).toContain(
      'Inner: a task has a Catch of States.ALL, or a Map or Parallel around it has',
    );
  });
});
