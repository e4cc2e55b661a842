import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '../client/api-client.ts';
import { clearedAtExit } from './cleared-at-exit.ts';
import { namedVersions } from './dataset-names.ts';
import { fetchVersion } from './fetch-version.ts';
import { localSession, type QueryResult } from './local-session.ts';

export interface Query {
  sql: string;
  /** Most rows of the result. */
  limit: number;
}

/** A result, and which versions it is of: what `latest` was when it was asked. */
export interface Answer extends QueryResult {
  datasets: { dataset: string; number: number; version: string; rows: number }[];
}

export interface QueryContext {
  /** Connects on first use: a query that cannot be read needs nobody. */
  client: () => Promise<ApiClient>;
  cache: string;
  progress: (text: string) => void;
  signal?: AbortSignal;
}

/**
 * Runs a query here, over the files of the datasets that it names: what a version has to learn from, in a DuckDB that
 * can reach these files and nothing else.
 */
export async function queryDatasets(context: QueryContext, query: Query): Promise<Answer> {
  const spill = await mkdtemp(join(tmpdir(), 'millrace-query-'));
  return clearedAtExit(spill, () => queryIn(spill, context, query));
}

async function queryIn(
  spill: string,
  { client, cache, progress, signal }: QueryContext,
  { sql, limit }: Query,
): Promise<Answer> {
  const session = await localSession(spill);
  try {
    const named = namedVersions(await session.tablesOf(sql));
    const fetched = new Map<string, Awaited<ReturnType<typeof fetchVersion>>>();
    for (const { dataset, version } of named) {
      const key = `${dataset}@${version}`;
      if (fetched.has(key)) continue;
      fetched.set(key, await fetchVersion({ api: await client(), folder: cache, dataset, version, progress, signal }));
    }
    const versionOf = (dataset: string, version: string) => {
      const found = fetched.get(`${dataset}@${version}`);
      if (!found) throw new Error(`${dataset}@${version} was not fetched`);
      return found;
    };
    await session.open(
      named.map(({ name, dataset, version }) => {
        const { files, columns } = versionOf(dataset, version);
        return { name, files: files.map(({ local }) => local), columns };
      }),
    );
    progress('the query runs');
    const result = await session.query(sql, limit, signal);
    const datasets = [...fetched.values()].map(({ dataset, number, version, total }) => ({
      dataset,
      number,
      version,
      rows: total.rows,
    }));
    return { ...result, datasets };
  } finally {
    session.close();
  }
}
