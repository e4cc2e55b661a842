import type { Clock } from '../shared/clock.ts';
import type { ObjectStore } from '../shared/objects.ts';
import type { Table } from '../shared/table.ts';
import { DataErrors } from './errors.ts';
import type { VersionFiles } from './file-link.ts';
import { curatedKey, readManifest } from './manifest.ts';
import type { PresignGet } from './ports.ts';
import { requireVersion } from './resolve-version.ts';

export interface VersionFilesDeps {
  table: Table;
  curated: ObjectStore;
  presign: PresignGet;
  clock: Clock;
}

export interface FilesToList {
  workspace: string;
  dataset: string;
  version: string;
  split: string;
  after?: string;
}

/** Long enough for a slow line to begin each download of a page; whoever is slower asks for the page again. */
const EXPIRES_SECONDS = 900;
/** A signed URL has about 1.5 kB, an answer at most 6 MB. */
const PAGE = 500;

/**
 * Where the rows of a version that one may look at can be read. The held-out part is not for looking: who has seen the
 * rows that judge a model has begun to fit it to them.
 * @throws HeldOutRefused, DatasetVersionMissing, ManifestDamaged
 */
export async function listFiles(
  { table, curated, presign, clock }: VersionFilesDeps,
  { workspace, dataset, version, split, after = '' }: FilesToList,
): Promise<VersionFiles> {
  if (split !== 'train') {
    throw DataErrors.HeldOutRefused(
      `split: got ${split}, rows of ${dataset} that are held out are read by evaluation only; expected train`,
    );
  }
  const fact = await requireVersion(table, { workspace, dataset, version });
  const manifest = await readManifest(curated, fact);
  const train = manifest.files.filter((file) => file.split === 'train');
  const left = train.filter(({ path }) => path > after);
  const page = left.slice(0, PAGE);
  const now = clock().getTime();
  return {
    dataset,
    version: fact.version,
    number: fact.number,
    columns: Object.fromEntries(Object.entries(manifest.columns).map(([name, { type }]) => [name, type])),
    total: {
      files: train.length,
      bytes: train.reduce((sum, { bytes }) => sum + bytes, 0),
      rows: train.reduce((sum, { rows }) => sum + rows, 0),
    },
    files: await Promise.all(
      page.map(async (file) => ({
        path: file.path,
        sha256: file.sha256,
        bytes: file.bytes,
        rows: file.rows,
        url: await presign(curatedKey(manifest, file), EXPIRES_SECONDS),
      })),
    ),
    expiresAt: new Date(now + EXPIRES_SECONDS * 1000).toISOString(),
    ...(left.length > page.length && { next: page.at(-1)?.path }),
  };
}
