import { expect, test } from '@jest/globals';
import { answering, answerOf } from '../../lambdas/data/task-answer.ts';
import { PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';

/** What a task says, as it goes through a function's payload. */
const said = async (work: () => unknown) =>
  JSON.parse(JSON.stringify(await answering({ handle: async () => work() }).handle({})));
const raise = (error: Error) => () => {
  throw error;
};

test('an answer comes through as it is', async () => {
  expect(answerOf(await said(() => ({ rows: 3 })))).toEqual({ rows: 3 });
});

test('a refusal comes through as the error that it is', async () => {
  const refusal = await said(raise(SharedErrors.InvalidInput('cursor: got what is no cursor')));
  const thrown = (() => {
    try {
      return answerOf(refusal);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(PlatformError);
  expect(thrown).toMatchObject({ kind: 'invalid', name: 'InvalidInput', message: 'cursor: got what is no cursor' });
});

test.each([new TypeError('x is not a function'), SharedErrors.Unexpected('a table without a key')])(
  'what is wrong with the task itself is no answer: %s',
  async (error) => {
    await expect(said(raise(error))).rejects.toBe(error);
  },
);
