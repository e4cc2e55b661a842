import { randomFillSync } from 'node:crypto';

/** What a prediction's id says: where, by what and when it was made. */
export interface PredictionParts {
  endpoint: string;
  /** The published version of the endpoint's function. */
  functionVersion: string;
  /** ISO 8601, UTC, to the millisecond. */
  at: string;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 10;
const NONCE_LENGTH = 16;
const PATTERN = /^([0-7][0-9a-hjkmnp-tv-z]{9})[0-9a-hjkmnp-tv-z]{16}-([1-9]\d{0,9})-([a-z][a-z0-9-]{0,30})$/;

/**
 * `<time and nonce, 26 characters>-<function version>-<endpoint>`: sortable by time, unguessable, and readable back
 * without a lookup. Randomness is drawn in blocks: this runs once for each request.
 */
export function predictionIds(endpoint: string, functionVersion: string): (now: number) => string {
  const tail = `-${functionVersion}-${endpoint}`;
  const block = new Uint8Array(NONCE_LENGTH * 256);
  let used = block.length;
  return (now) => {
    if (used === block.length) {
      randomFillSync(block);
      used = 0;
    }
    let nonce = '';
    for (const end = used + NONCE_LENGTH; used < end; used++) nonce += ALPHABET[(block[used] as number) & 31];
    return timeText(now) + nonce + tail;
  };
}

function timeText(ms: number): string {
  let text = '';
  for (let i = 0; i < TIME_LENGTH; i++) {
    text = ALPHABET[ms % 32] + text;
    ms = Math.floor(ms / 32);
  }
  return text;
}

/** The parts of a prediction's id, or undefined when the text is none. */
export function parsePredictionId(text: string): PredictionParts | undefined {
  const [, time, functionVersion, endpoint] = PATTERN.exec(text) ?? [];
  if (!time || !functionVersion || !endpoint) return undefined;
  let ms = 0;
  for (const character of time) ms = ms * 32 + ALPHABET.indexOf(character);
  return { endpoint, functionVersion, at: new Date(ms).toISOString() };
}
