import middy from '@middy/core';
import type * as z from 'zod';
import { readEnv } from './env.ts';
import { jsonLogger, type Logger } from './logger.ts';

/** One record of a batch: the id that is reported back when it failed, and what it says. */
export interface BatchRecord<Message> {
  id: string;
  message: Message;
}

interface ConsumerOptions<Event, Message, Env extends z.ZodType, Deps> {
  env: Env;
  wire: (env: z.output<Env>) => Deps | Promise<Deps>;
  /** The records of an event, in order. Throws only when the event itself is not of this source. */
  records: (event: Event) => readonly BatchRecord<Message>[];
  run: (deps: Deps, message: Message) => Promise<void>;
  logger?: Logger;
  /**
   * `partial`: the source takes `batchItemFailures` (SQS, streams) and only those come again.
   * `whole` (default): the source invokes asynchronously (SNS, EventBridge, logs), and an error brings all of it again.
   */
  failures?: 'partial' | 'whole';
}

/** A queue, stream, topic or rule in front of a function: every record is tried, each failure is logged with its id. */
export function consumer<Event, Message, Env extends z.ZodType, Deps>(
  options: ConsumerOptions<Event, Message, Env, Deps>,
) {
  const { logger = jsonLogger } = options;
  const handleWith = async (deps: Deps, event: Event) => {
    const failed: { id: string; error: unknown }[] = [];
    const records = options.records(event);
    for (const { id, message } of records) {
      try {
        await options.run(deps, message);
      } catch (error) {
        logger.error('record failed', {
          id,
          error: (error as Error).name,
          reason: (error as Error).message,
          stack: (error as Error).stack,
        });
        failed.push({ id, error });
      }
    }
    logger.info('batch', { records: records.length, failed: failed.length });
    if (options.failures === 'partial') return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
    if (failed[0]) throw failed[0].error;
    return {};
  };
  let deps: Promise<Deps> | undefined;
  return {
    lambda: () =>
      middy<Event, unknown>(async (event: Event) => {
        deps ??= (async () => options.wire(readEnv(options.env)))();
        return handleWith(await deps, event);
      }),
    with: (given: Deps) => ({ handle: (event: Event) => handleWith(given, event) }),
  };
}
