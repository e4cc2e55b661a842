import { SharedErrors } from '../shared/errors.ts';
import { ServingErrors } from './errors.ts';

/** Lambda takes 6 MB a call; the local cloud does not say so, so the handler does. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** No request needs more: parsing a million levels took 1.8 s. */
const MAX_DEPTH = 32;

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
  if (mayBeDeep(text) && depthOf(text) > MAX_DEPTH) {
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

/** Few brackets cannot nest deep. Counting them with indexOf costs a fraction of a walk, and flat data has few. */
function mayBeDeep(text: string): boolean {
  let brackets = 0;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++brackets > MAX_DEPTH) return true;
    }
  }
  return false;
}

const QUOTE = 34;
const BACKSLASH = 92;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/** The deepest nesting, brackets in texts not counted; stops where it is too deep. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let i = 0; i < text.length && deepest <= MAX_DEPTH; i++) {
    const code = text.charCodeAt(i);
    if (inText) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) deepest = Math.max(deepest, ++depth);
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return deepest;
}
