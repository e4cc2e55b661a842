import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { synthesizedApp } from './synthesized-app.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);

// Prod has what every stage has; the local stage has a stream besides.
const resources = ['prod', 'local', 'edge'].flatMap((stage) =>
  Object.values(synthesizedApp(stage)).flatMap(({ Resources }) => Object.values(Resources)),
);
const alarms = resources
  .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
  .map(({ Properties = {} }) => ({
    path: String(Properties['AlarmName']).replace(/^millrace\/\w+\//, ''),
    description: String(Properties['AlarmDescription']),
  }));

describe('the runbook', () => {
  test('has a section for each alarm, and no other', () => {
    const wanted = new Set(alarms.map(({ path }) => path.split('/').slice(0, 2).join('-')));
    expect([...sections.keys()].sort()).toEqual([...wanted].sort());
  });

  test.each(alarms)('is where $path links to', ({ description }) => {
    const anchor = description.split('#').at(-1) as string;
    expect(sections.has(anchor)).toBe(true);
  });

  test.each([...sections])('%s says what it is, how to look at it and what to do', (_, section) => {
    const parts = [...section.matchAll(/^\*\*(\w+)\.\*\*/gm)].map(([, part]) => part);
    expect(parts).toEqual(['Description', 'Investigation', 'Resolution']);
  });

  test.each([...sections].filter(([name]) => name !== 'lineage-dead-letters'))(
    '%s has the severity of its alarm',
    (name, section) => {
      const severities = new Set(
        alarms
          .filter(({ path }) => path.split('/').slice(0, 2).join('-') === name)
          .map(({ description }) => /^\[(\w+)\]/.exec(description)?.[1]),
      );
      expect([...severities]).toEqual([/^\*\*Description\.\*\* `\[(\w+)\]`/m.exec(section)?.[1]]);
    },
  );

  test('lists each queue of dead letters, and no other', () => {
    const section = sections.get('lineage-dead-letters') ?? '';
    const listed = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, queue]) => queue);
    const queues = alarms
      .filter(({ path }) => path.startsWith('lineage/dead-letters/'))
      .map(({ path }) => path.split('/')[2]);
    expect(listed.sort()).toEqual([...new Set(queues)].sort());
  });
});
