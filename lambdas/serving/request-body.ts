import { SharedErrors } from '../shared/errors.ts';
import { isTooDeep, MAX_DEPTH } from '../shared/json-depth.ts';
import { ServingErrors } from './errors.ts';

/** Lambda takes 6 MB a call; the local cloud does not say so, so the handler does. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

/**
 * The body as a JSON value.
 * @throws BodyTooLarge @throws RequestUnreadable @throws ValueNotFinite for the NaN that some writers put into JSON
 */
export function parseBody(body: string | null, isBase64: boolean): unknown {
  if (!body) throw ServingErrors.RequestUnreadable('body: got nothing, a request is a JSON object');
  const text = isBase64 ? Buffer.from(body, 'base64').toString('utf8') : body;
  // A character is up to three bytes; most bodies are so small that counting them is not needed.
  const bytes = text.length > MAX_BODY_BYTES / 3 ? Buffer.byteLength(text) : text.length;
  if (bytes > MAX_BODY_BYTES) {
    throw SharedErrors.BodyTooLarge(`body: got ${bytes} bytes, at most ${MAX_BODY_BYTES} are taken`);
  }
  if (isTooDeep(text)) {
    throw ServingErrors.RequestUnreadable(`body: is nested deeper than ${MAX_DEPTH} levels`);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const [token] = /-?\b(?:NaN|Infinity)\b/.exec(text) ?? [];
    if (token) {
      throw ServingErrors.ValueNotFinite(`body: got ${token}, JSON and this protocol have finite numbers only`, {
        cause,
      });
    }
    throw ServingErrors.RequestUnreadable('body: is not JSON', { cause });
  }
}
