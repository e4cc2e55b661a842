import { DataErrors } from './errors.ts';

const MOST_BYTES = 900;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * An object's path in its collection, as it is. One that could mean another place, or another text elsewhere, is
 * refused and never cleaned: what is stored is what was asked for.
 * @throws CollectionPathInvalid
 */
export function requirePath(path: string): string {
  const wrong = whatIsWrong(path);
  if (wrong === undefined) return path;
  throw DataErrors.CollectionPathInvalid(`path: got ${JSON.stringify(path.slice(0, 200))}, ${wrong}`);
}

function whatIsWrong(path: string): string | undefined {
  if (!path.isWellFormed()) return 'expected well-formed Unicode';
  if (path.normalize('NFC') !== path) return 'expected it in Unicode form NFC';
  if (Buffer.byteLength(path) > MOST_BYTES) return `expected at most ${MOST_BYTES} bytes`;
  if (CONTROL.test(path)) return 'expected no control characters';
  if (path.includes('\\')) return 'expected / between folders, and no \\';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'expected a path below the folder, not an absolute one';
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..'))
    return 'expected names between its slashes, and no . or ..';
  return undefined;
}
