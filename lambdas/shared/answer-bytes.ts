import { SharedErrors } from './errors.ts';

/** What Lambda takes of a function's answer as JSON text. */
const MAX_ANSWER_BYTES = 6 * 1024 * 1024;
/** Beside the body: status and headers. */
const AROUND_BODY = 4096;

/**
 * The body of an answer, which travels as a text inside the function's own JSON, where each of its quotes takes two bytes.
 * @param what The field that is too large, for the message
 * @param body JSON: no character of it takes more than three bytes there
 * @throws AnswerTooLarge where Lambda would refuse the answer
 */
export function sendable(what: string, body: string): string {
  // Most answers are so small that counting them is not needed.
  if (3 * body.length + AROUND_BODY <= MAX_ANSWER_BYTES) return body;
  const bytes = Buffer.byteLength(JSON.stringify(body)) + AROUND_BODY;
  if (bytes <= MAX_ANSWER_BYTES) return body;
  throw SharedErrors.AnswerTooLarge(
    `${what}: the answer has ${bytes} bytes, at most ${MAX_ANSWER_BYTES} are given; ask for less at once`,
  );
}
