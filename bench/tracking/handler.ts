/**
 * `node handler.ts <a handler's file>`: a function's own code outside of the cloud. Each line on stdin is an event, and each
 * line on stdout the status of its answer.
 */
import { createInterface } from 'node:readline';

interface Answer {
  statusCode: number;
  body: string;
}

const { handler } = (await import(process.argv[2] as string)) as { handler: (event: unknown) => Promise<Answer> };
for await (const line of createInterface({ input: process.stdin })) {
  const { statusCode, body } = await handler(JSON.parse(line));
  process.stdout.write(`ANSWER ${JSON.stringify({ statusCode, body: body.slice(0, 300) })}\n`);
}
