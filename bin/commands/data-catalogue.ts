import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { DataErrors, DataRoutes, type DatasetRow } from '../../lambdas/data/contract.ts';
import { shownNumber } from '../figures-text.ts';
import { queryAthena } from '../query/athena-query.ts';
import { versionNamed } from '../query/dataset-names.ts';
import { fetchVersion } from '../query/fetch-version.ts';
import { cacheFolder } from '../query/file-cache.ts';
import type { QueryResult } from '../query/local-session.ts';
import { queryDatasets } from '../query/query-datasets.ts';
import { resultCsv, resultTable } from '../query/result-text.ts';
import { paint, table } from '../terminal.ts';
import { verb } from '../verb.ts';

/** What a manifest's paths look like; whatever else a server sent would be written where it says. */
const SAFE_PATH = /^train\/(?:(?:day|month|year)=[0-9-]{4,10}\/)?[0-9a-f]{64}\.parquet$/;

export const dataCatalogueVerbs = [
  verb({
    name: 'data search',
    summary: 'Find datasets of the workspace by name, column, owner, tag, or what is said of them.',
    input: z.object({
      words: z.string().default('').describe('all of these are in the name, owner, tags, columns or descriptions'),
      column: z.string().optional().describe('a column with this in its name'),
      owner: z.string().optional().describe('this is in the owner’s name'),
      tag: z.string().optional().describe('exactly this tag'),
      subject: z.boolean().optional().describe('only datasets with a subject id: a column about whom a row is'),
      limit: z.number().int().min(1).max(10_000).default(100).describe('most datasets'),
    }),
    positionals: ['words'],
    examples: ['millrace data search delay --tag public', 'millrace data search --subject'],
    async run({ client, progress }, { limit, ...wanted }) {
      const api = await client();
      const datasets: DatasetRow[] = [];
      const page = (after?: string) =>
        api.call(DataRoutes.searchDatasets, {
          ...wanted,
          subject: wanted.subject ? 'true' : undefined,
          limit: Math.min(500, limit - datasets.length),
          after,
        });
      let next: string | undefined;
      do {
        const found = await page(next);
        datasets.push(...found.datasets);
        next = found.next;
        progress(`${datasets.length} datasets`);
      } while (next && datasets.length < limit);
      return { datasets, more: next !== undefined };
    },
    show: ({ datasets, more }) => {
      if (datasets.length === 0) return 'no dataset matches';
      return [
        table(
          ['dataset', 'owner', 'rows', 'version', 'registered', 'tags', 'subject id', 'description'],
          datasets.map(({ dataset, owner, latest, tags, subject, description = '' }) => [
            ...[
              dataset,
              owner,
              shownNumber(latest?.rows),
              latest?.number,
              latest?.registeredAt.slice(0, 16).replace('T', ' '),
            ],
            ...[tags.join(' '), subject ? 'yes' : '', description.replaceAll(/\s+/g, ' ').slice(0, 60)],
          ]),
        ),
        ...(more ? [paint('dim', '(there may be more: --limit)')] : []),
      ].join('\n');
    },
  }),
  verb({
    name: 'data query',
    summary: 'Ask SQL of datasets: what their versions have to learn from, never the rows that are held out.',
    input: z.object({
      sql: z.string().min(1).max(100_000).describe('one SELECT; tables are datasets: flights, "flights@3", "my-data"'),
      limit: z.number().int().min(1).max(1_000_000).default(10_000).describe('most rows of the result'),
      engine: z
        .enum(['duckdb', 'athena'])
        .optional()
        .describe(
          'duckdb: here, over files that are fetched once; athena: on AWS (default: duckdb on stage local, else athena)',
        ),
      csv: z.boolean().default(false).describe('print the result as CSV'),
    }),
    positionals: ['sql'],
    examples: [
      'millrace data query "select origin, avg(delay) from flights group by origin order by 2 desc limit 5"',
      'millrace data query "select * from flights where delay > 600" --csv > late.csv',
    ],
    async run({ client, stage, progress, signal }, { sql, limit, engine, csv }): Promise<QueryResult & { csv?: true }> {
      const answer =
        (engine ?? (stage === 'local' ? 'duckdb' : 'athena')) === 'athena'
          ? await queryAthena({ api: await client(), progress, signal }, { sql, limit })
          : await queryDatasets({ client, cache: cacheFolder(), progress, signal }, { sql, limit });
      // What is read by a program must not end early without a word.
      if (csv && answer.truncated)
        process.stderr.write(`${paint('yellow', `the result has more than ${limit} rows: --limit takes more`)}\n`);
      return csv ? { ...answer, csv } : answer;
    },
    show: (answer) => (answer.csv ? resultCsv(answer) : resultTable(answer)),
  }),
  verb({
    name: 'data get',
    summary: 'Download the Parquet files of a version: what it has to learn from.',
    input: z.object({
      dataset: z.string().describe('its name, or one version of it: flights@3, flights@latest'),
      folder: z.string().describe('where the files go'),
    }),
    positionals: ['dataset', 'folder'],
    examples: ['millrace data get flights@latest ./flights'],
    async run({ client, progress, signal }, { dataset, folder }) {
      const cache = cacheFolder();
      const api = await client();
      const fetched = await fetchVersion({ api, folder: cache, ...versionNamed(dataset), progress, signal });
      const files: string[] = [];
      for (const { path, local } of fetched.files) {
        if (!SAFE_PATH.test(path))
          throw DataErrors.ManifestDamaged(`files: got the path ${path}, which is none of a manifest`);
        const place = join(folder, path);
        await mkdir(dirname(place), { recursive: true });
        await copyFile(local, place);
        files.push(place);
      }
      const { version, number, total } = fetched;
      return { dataset: fetched.dataset, version, number, rows: total.rows, bytes: total.bytes, files };
    },
    show: ({ dataset, number, version, rows, files }) =>
      `${dataset} version ${number} (${version}): ${shownNumber(rows)} rows to learn from, in ${files.length} ${files.length === 1 ? 'file' : 'files'}`,
  }),
];
