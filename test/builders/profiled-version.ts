import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileFiles } from '../../lambdas/data/aws/duckdb-profile.ts';
import { openDuckdb } from '../../lambdas/data/aws/duckdb-session.ts';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { filePath, type Manifest, versionOf } from '../../lambdas/data/manifest.ts';
import { Profile } from '../../lambdas/data/profile.ts';
import type { VersionContent } from '../../lambdas/data/version-diff.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';

/** A folder with a DuckDB that ends with `work`. */
export async function withDuckdb<T>(
  work: (duckdb: Awaited<ReturnType<typeof openDuckdb>>, folder: string) => Promise<T>,
) {
  const folder = await mkdtemp(join(tmpdir(), `millrace-test-${process.pid}-`));
  const duckdb = await openDuckdb(folder);
  try {
    return await work(duckdb, folder);
  } finally {
    duckdb.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A version as the platform would keep it, from the rows of a CSV: its file, its manifest and its real profile. */
export async function profiledVersion(
  spec: DatasetSpec,
  csv: string,
  { number = 1, parent }: { number?: number; parent?: VersionContent } = {},
): Promise<VersionContent> {
  return withDuckdb(async (duckdb, folder) => {
    await writeFile(join(folder, 'rows.csv'), csv);
    const parquet = join(folder, 'rows.parquet');
    const types = Object.entries(spec.columns).map(
      ([name, { type }]) => `'${name.replaceAll("'", "''")}': '${SQL[type]}'`,
    );
    await duckdb.run(
      `COPY (SELECT * FROM read_csv('${folder}/rows.csv', header = true, quote = '"', types = {${types.join(', ')}})) TO '${parquet}' (FORMAT parquet)`,
    );
    const bytes = await readFile(parquet);
    const { rows, columns, correlations } = await profileFiles(duckdb, spec.columns, [parquet]);
    const sha256 = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const;
    const files = [{ path: filePath('train', sha256), split: 'train' as const, sha256, bytes: bytes.length, rows }];
    const version = versionOf(files);
    const workspace = 'default';
    const manifest: Manifest = {
      schema: 'millrace/manifest/1',
      ...{ workspace, dataset: spec.dataset, spec: digestOf(JSON.stringify(spec)), columns: spec.columns },
      ...{ split: spec.split, files, rows },
    };
    const profile = Profile.parse({
      schema: 'millrace/profile/2',
      ...{ workspace, dataset: spec.dataset, version, rows, columns, correlations },
    });
    const fact = {
      ...{
        dataset: spec.dataset,
        version,
        number,
        spec: manifest.spec,
        rows,
        given: rows,
        manifestKey: 'm',
        profileKey: 'p',
        qualityKey: 'q',
      },
      registeredAt: `2026-01-0${number}T09:30:00.000Z`,
      ...(parent && { parent: parent.fact.version }),
    };
    return { fact, manifest, profile };
  });
}

const SQL = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
} as const;
