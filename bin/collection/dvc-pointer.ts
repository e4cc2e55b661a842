import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { DataErrors, requirePath } from '../../lambdas/data/contract.ts';
import { describeIssues } from '../../lambdas/shared/errors.ts';
import { hashFile } from './folder.ts';

const MD5 = /^[0-9a-f]{32}$/;

/** What DVC writes into a `.dvc` file; other fields (deps, meta, desc, remote) say nothing about the content. */
const Pointer = z.object({
  outs: z
    .array(
      z.object({
        md5: z.string().regex(/^[0-9a-f]{32}(\.dir)?$/, 'expected an md5 of 32 hex digits, with .dir for a directory'),
        size: z.int().nonnegative().optional(),
        nfiles: z.int().nonnegative().optional(),
        hash: z.literal('md5', 'expected md5').optional(),
        path: z.string().min(1),
      }),
    )
    .min(1)
    .max(1000),
});
const Directory = z.array(z.object({ md5: z.string().regex(MD5), relpath: z.string().min(1) }));

/** One file that a pointer names, and where the local cache has it. */
export interface DvcFile {
  /** `outs` path, with the file's place below it where that is a directory. */
  path: string;
  md5: string;
  /** Of the cache. */
  file: string;
}

/**
 * The files that a `.dvc` file names, each found in the local cache and compared with its md5. Nothing is fetched: what
 * the cache lacks is the user's to pull, with their own credentials.
 * @param repository The folder that has `.dvc/`
 * @throws DvcPointerInvalid, DvcContentMissing, DvcContentChanged
 */
export function readPointer(pointer: string, repository: string): DvcFile[] {
  const { outs } = parsePointer(pointer);
  const caches = cachesOf(repository);
  return outs.flatMap(({ md5, path, size, nfiles }) => {
    pathOf(pointer, path);
    if (!md5.endsWith('.dir')) {
      const file = { path, md5, file: cached(caches, md5, path) };
      const found = statSync(file.file).size;
      if (size !== undefined && found !== size)
        throw DataErrors.DvcContentChanged(`${path}: got ${found} bytes, ${pointer} says ${size}`);
      return [file];
    }
    const listed = directoryOf(cached(caches, md5, path), `${pointer}: ${path}`);
    if (nfiles !== undefined && listed.length !== nfiles)
      throw DataErrors.DvcPointerInvalid(
        `${pointer}: nfiles: got ${nfiles}, the directory's list has ${listed.length}`,
      );
    return listed.map((each) => {
      const full = `${path}/${each.relpath}`;
      pathOf(pointer, full);
      return { path: full, md5: each.md5, file: cached(caches, each.md5, full) };
    });
  });
}

function parsePointer(pointer: string): z.output<typeof Pointer> {
  let raw: unknown;
  try {
    const document = parseDocument(readFileSync(pointer, 'utf8'), { schema: 'core', uniqueKeys: true });
    if (document.errors[0]) throw document.errors[0];
    raw = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw DataErrors.DvcPointerInvalid(
      `${pointer}: cannot be read as YAML: ${(cause as Error).message.split('\n')[0]}`,
      {
        cause,
      },
    );
  }
  const parsed = Pointer.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw DataErrors.DvcPointerInvalid(`${pointer}: ${describeIssues(parsed.error, raw)}`);
}

function pathOf(pointer: string, path: string): void {
  try {
    requirePath(path);
  } catch (cause) {
    throw DataErrors.DvcPointerInvalid(`${pointer}: ${(cause as Error).message}`, { cause });
  }
}

function directoryOf(file: string, where: string): z.output<typeof Directory> {
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw DataErrors.DvcPointerInvalid(`${where}: its list is not JSON`, { cause });
  }
  const parsed = Directory.safeParse(raw);
  if (!parsed.success) throw DataErrors.DvcPointerInvalid(`${where}: ${describeIssues(parsed.error, raw)}`);
  const paths = new Set(parsed.data.map(({ relpath }) => relpath));
  if (paths.size === parsed.data.length) return parsed.data;
  throw DataErrors.DvcPointerInvalid(`${where}: its list names a path twice`);
}

/** `cache.dir` of the repository's configuration, as DVC reads it, else `.dvc/cache`; local settings go first. */
function cachesOf(repository: string): string[] {
  for (const name of ['config.local', 'config']) {
    const file = join(repository, '.dvc', name);
    if (!existsSync(file)) continue;
    const dir = cacheDirOf(readFileSync(file, 'utf8'));
    // A path of the configuration is as seen from the folder that the file lies in.
    if (dir !== undefined) return [dir.startsWith('/') ? dir : join(repository, '.dvc', dir)];
  }
  return [join(repository, '.dvc', 'cache')];
}

function cacheDirOf(text: string): string | undefined {
  let section = '';
  for (const line of text.split('\n')) {
    const [, name] = /^\s*\[\s*'?([^\]']+?)'?\s*\]\s*$/.exec(line) ?? [];
    if (name !== undefined) section = name;
    const [, dir] = /^\s*dir\s*=\s*(.+?)\s*$/.exec(line) ?? [];
    if (section === 'cache' && dir !== undefined) return dir;
  }
  return undefined;
}

/** DVC 3 keeps content below `files/md5`, DVC 1 and 2 directly in the cache; an upgraded cache has both. */
function cached(caches: readonly string[], md5: string, path: string): string {
  const place = join(md5.slice(0, 2), md5.slice(2));
  const places = caches.flatMap((cache) => [join(cache, 'files', 'md5', place), join(cache, place)]);
  const file = places.find((each) => existsSync(each));
  if (!file) throw DataErrors.DvcContentMissing(`${path}: got no ${md5} at ${places.join(' or ')}`);
  const found = hashFile(file, 'md5').toString('hex');
  if (found === md5.slice(0, 32)) return file;
  throw DataErrors.DvcContentChanged(`${path}: got md5 ${found} at ${file}, the pointer says ${md5}`);
}
