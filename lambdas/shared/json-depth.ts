/** Levels of a request's JSON. None needs more: parsing a million took 1.8 s, and writing ten thousand overflows the stack. */
export const MAX_DEPTH = 32;

/** Whether JSON nests deeper than MAX_DEPTH, told before it is parsed. */
export const isTooDeep = (text: string): boolean => mayBeDeep(text) && depthOf(text) > MAX_DEPTH;

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
