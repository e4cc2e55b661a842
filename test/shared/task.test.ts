import { describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import { task, tasks } from '../../lambdas/shared/task.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const countRows = task({
  input: z.strictObject({ key: z.string() }),
  env: z.object({ RAW_BUCKET: z.string() }),
  wire: () => ({ rowsOf: (_key: string): number => 0 }),
  run: async ({ rowsOf }, { key }) => {
    if (key === 'gone') throw SharedErrors.ServiceThrottled('bucket: slow down');
    return { rows: rowsOf(key) };
  },
});
const counted = countRows.with({ rowsOf: () => 3 });

function aFunction() {
  const logger = recordingLogger();
  const handler = tasks({ countRows: counted, forget: { handle: async () => undefined } }, { logger }).lambda();
  return { logger, call: (event: unknown) => handler(event, {} as Context) as Promise<unknown> };
}

describe('a task', () => {
  test('checks its input and answers with what its rule says', async () => {
    await expect(counted.handle({ key: 'a.csv' })).resolves.toEqual({ rows: 3 });
    await expect(counted.handle({ key: 7 } as never)).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/^key: got 7, /),
    });
  });

  test('reads its environment on first use, and names what is missing there', async () => {
    await expect(countRows.handle({ key: 'a.csv' })).rejects.toMatchObject({
      name: 'ConfigurationInvalid',
      message: expect.stringMatching(/^environment: RAW_BUCKET: got nothing/),
    });
  });
});

describe('a function of tasks', () => {
  test('runs the task that the payload names', async () => {
    const { call, logger } = aFunction();
    await expect(call({ task: 'countRows', input: { key: 'a.csv' } })).resolves.toEqual({ rows: 3 });
    await expect(call({ task: 'forget', input: {} })).resolves.toEqual({});
    expect(logger.lines.map(({ fields }) => fields['task'])).toEqual(['countRows', 'forget']);
  });

  test('lets an error escape under its own name, which is what Retry and Catch match', async () => {
    const { call, logger } = aFunction();
    await expect(call({ task: 'countRows', input: { key: 'gone' } })).rejects.toMatchObject({
      name: 'ServiceThrottled',
    });
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { task: 'countRows', error: 'ServiceThrottled' } }]);
  });

  test.each([[{ task: 'unknown', input: {} }], [{ input: {} }], ['text'], [null], [{ task: 'toString', input: {} }]])(
    'refuses the payload %j and says what it has',
    async (event) => {
      const { call } = aFunction();
      await expect(call(event)).rejects.toMatchObject({
        name: 'InvalidInput',
        message: expect.stringContaining('countRows, forget'),
      });
    },
  );
});
