import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { DataErrors, DataRoutes, type IngestionView } from '../../lambdas/data/contract.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { ingested, putFile } from '../client/uploads.ts';
import { type DvcFile, readPointer } from '../collection/dvc-pointer.ts';
import { verb } from '../verb.ts';
import { fileToPut } from './data-put.ts';

export const dataImportVerbs = [
  verb({
    name: 'data import-dvc',
    summary: 'Upload what DVC pointer files name, from the local DVC cache, and record where it came from.',
    input: z.object({
      dataset: z.string().describe('the name of the dataset'),
      pointer: z.string().describe('a .dvc file, or a folder whose .dvc files are taken in the order of their names'),
    }),
    positionals: ['dataset', 'pointer'],
    examples: ['millrace data import-dvc weather data/weather.csv.dvc'],
    run: async ({ client, progress, signal }, { dataset, pointer }) => {
      const planned = pointersOf(pointer).map((file) => {
        const repository = repositoryOf(file);
        return { file, repository, files: readPointer(file, repository) };
      });
      // Everything was found and compared before anything is sent.
      const api = await client();
      const imports: Import[] = [];
      for (const { file, repository, files } of planned) {
        const origin = { pointer: relative(repository, resolve(file)), ...(await commitOf(repository, file)) };
        for (const each of files) {
          signal.throwIfAborted();
          progress(`${imports.length + 1} of ${planned.flatMap((plan) => plan.files).length}: ${each.path}`);
          imports.push(await importFile(api, dataset, each, origin, { progress, signal }));
        }
      }
      return { imports };
    },
    show: ({ imports }) =>
      imports
        .map(({ path, md5, number, version, rows, unchanged }) =>
          [
            `${path} (md5 ${md5}):`,
            unchanged ? 'nothing new' : `${rows} rows`,
            `in version ${number} (${version})`,
          ].join(' '),
        )
        .join('\n'),
  }),
];

interface Import extends Pick<IngestionView, 'version' | 'number' | 'rows' | 'unchanged'> {
  path: string;
  md5: string;
}

async function importFile(
  api: ApiClient,
  dataset: string,
  { path, md5, file }: DvcFile,
  origin: { pointer: string; commit?: string; dirty?: boolean },
  { progress, signal }: { progress: (text: string) => void; signal: AbortSignal },
): Promise<Import> {
  const uploadId = await putFile(api, dataset, { ...(await fileToPut(file)), fileName: basename(path), signal });
  const { version, number, rows, unchanged } = await ingested(api, dataset, uploadId, progress, signal);
  await api.call(DataRoutes.recordImport, { dataset, uploadId, origin: { ...origin, path, md5 } });
  return { path, md5, version, number, rows, unchanged };
}

function pointersOf(given: string): string[] {
  if (!existsSync(given)) throw SharedErrors.InvalidInput(`pointer: got ${given}, there is no such file or folder`);
  if (!statSync(given).isDirectory()) return [given];
  const names = readdirSync(given).filter((name) => name.endsWith('.dvc') && name !== '.dvc');
  if (names.length === 0) throw SharedErrors.InvalidInput(`pointer: got ${given}, a folder without .dvc files`);
  return names.sort().map((name) => join(given, name));
}

/** The nearest folder above that has `.dvc/`. @throws DvcPointerInvalid */
function repositoryOf(pointer: string): string {
  for (let folder = dirname(resolve(pointer)); ; folder = dirname(folder)) {
    const mark = join(folder, '.dvc');
    if (existsSync(mark) && statSync(mark).isDirectory()) return folder;
    if (folder === dirname(folder))
      throw DataErrors.DvcPointerInvalid(`${pointer}: is in no DVC repository, no folder above it has .dvc/`);
  }
}

/** The repository's commit, and whether the pointer is as it was committed; nothing where there is no git. */
async function commitOf(repository: string, pointer: string): Promise<{ commit?: string; dirty?: boolean }> {
  const git = async (...words: string[]) =>
    (await promisify(execFile)('git', ['-C', repository, ...words], { encoding: 'utf8' })).stdout.trim();
  try {
    const commit = await git('rev-parse', 'HEAD');
    return { commit, dirty: (await git('status', '--porcelain', '--', resolve(pointer))) !== '' };
  } catch {
    return {};
  }
}
