import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { consumer } from '../../lambdas/shared/consumer.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

interface Batch {
  Records: { id: string; body: string }[];
}

function aConsumer(failures: 'partial' | 'whole' | undefined) {
  const logger = recordingLogger();
  const handled: string[] = [];
  const shape = consumer({
    env: z.object({}),
    wire: () => ({ handle: async (_text: string) => {} }),
    records: ({ Records }: Batch) => Records.map(({ id, body }) => ({ id, message: body })),
    run: ({ handle }, message) => handle(message),
    logger,
    failures,
  });
  const deps = {
    handle: async (text: string) => {
      if (text.startsWith('bad')) throw new RangeError(`${text} is bad`);
      handled.push(text);
    },
  };
  const batch = (...bodies: string[]) => ({ Records: bodies.map((body, i) => ({ id: `m${i}`, body })) });
  return { logger, handled, handle: (...bodies: string[]) => shape.with(deps).handle(batch(...bodies)) };
}

describe('a consumer', () => {
  test('handles every record in order', async () => {
    const { handle, handled } = aConsumer('partial');
    await expect(handle('a', 'b', 'c')).resolves.toEqual({ batchItemFailures: [] });
    expect(handled).toEqual(['a', 'b', 'c']);
  });

  test('one poisoned record does not bring the others again', async () => {
    const { handle, handled, logger } = aConsumer('partial');
    await expect(handle('a', 'bad', 'c')).resolves.toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(handled).toEqual(['a', 'c']);
    expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { id: 'm1', error: 'RangeError' } });
    expect(logger.lines.at(-1)).toMatchObject({ message: 'batch', fields: { records: 3, failed: 1 } });
  });

  test.each(['whole', undefined] as const)(
    'behind a source that takes no partial answers (%s) it tries all, then throws the first error',
    async (failures) => {
      const { handle, handled } = aConsumer(failures);
      await expect(handle('a', 'bad 1', 'c', 'bad 2')).rejects.toThrow('bad 1 is bad');
      expect(handled).toEqual(['a', 'c']);
    },
  );

  test('an empty batch is nothing', async () => {
    await expect(aConsumer('whole').handle()).resolves.toEqual({});
  });
});
