import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { apiClient } from '../../bin/client/api-client.ts';
import type { ColumnType } from '../../lambdas/data/contract.ts';
import { digestOf, hexOf } from '../../lambdas/shared/digest.ts';

export interface ServedDataset {
  columns: Record<string, ColumnType>;
  /** One SELECT for each Parquet file; a list of those for each version. */
  versions: string[][];
}

/** What the next GET of a file is answered with instead of it. */
export type Trouble = 'expired' | 'cut short' | 'other bytes' | 'unavailable' | 'missing';

/** The route of a version's files and the curated zone behind it, as servers on this machine. */
export async function aVersionServer(datasets: Record<string, ServedDataset>, { page = 500 } = {}) {
  const made = await Promise.all(
    Object.entries(datasets).map(async ([name, { columns, versions }]) => {
      const files = await Promise.all(versions.map((selects) => inOrder(selects)));
      return [name, { columns, versions: files }] as const;
    }),
  );
  const served = new Map(made);
  const bytesOf = new Map(made.flatMap(([, { versions }]) => versions.flat().map((file) => [file.path, file.content])));
  const troubles: Trouble[] = [];
  const gets: string[] = [];
  const asked: string[] = [];

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://server');
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (url.pathname.startsWith('/files/')) {
      const path = url.pathname.slice('/files/'.length);
      gets.push(path);
      const content = bytesOf.get(path);
      const trouble = troubles.shift();
      if (trouble === 'expired') return answer(403, {});
      if (trouble === 'unavailable') return answer(503, {});
      if (trouble === 'missing' || !content) return answer(404, {});
      if (trouble === 'cut short') {
        response.writeHead(200, { 'content-length': content.length });
        return response.write(content.subarray(0, content.length / 2), () => response.destroy());
      }
      response.writeHead(200);
      return response.end(trouble === 'other bytes' ? Buffer.from(content).fill(1, 10, 20) : content);
    }
    asked.push(request.url ?? '');
    const [, , , name = '', , version = ''] = url.pathname.split('/').map(decodeURIComponent);
    const dataset = served.get(name);
    const numbers = dataset?.versions.map((_, i) => i + 1) ?? [];
    const id = (number: number) => digestOf(`${name} ${number}`);
    const number = numbers.find((each) => version === String(each) || version === id(each)) ?? numbers.at(-1) ?? 0;
    if (!dataset || number === 0) return answer(404, { name: 'DatasetVersionMissing', message: `got ${name}` });
    const all = dataset.versions[number - 1] ?? [];
    const left = all.filter(({ path }) => path > (url.searchParams.get('after') ?? ''));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    answer(200, {
      dataset: name,
      version: id(number),
      number,
      columns: dataset.columns,
      total: { files: all.length, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0), rows: all.length },
      files: left.slice(0, page).map(({ content: _, ...file }) => ({ ...file, url: `${origin}/files/${file.path}` })),
      expiresAt: '',
      ...(left.length > page && { next: left[page - 1]?.path }),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const control = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    api: apiClient({ control, inference: null, token: 't' }),
    /** Files asked for, in order. */
    gets,
    /** Requests to the route. */
    asked,
    troubles,
    cache: mkdtempSync(join(tmpdir(), 'millrace-test-cache-')),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
export type VersionServer = Awaited<ReturnType<typeof aVersionServer>>;

const inOrder = async (selects: readonly string[]) =>
  (await Promise.all(selects.map(parquetOf))).sort((a, b) => (a.path < b.path ? -1 : 1));

async function parquetOf(select: string) {
  const place = join(mkdtempSync(join(tmpdir(), 'millrace-test-parquet-')), `${randomUUID()}.parquet`);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${place}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const content = readFileSync(place);
  const sha256 = digestOf(content);
  return { path: `train/${hexOf(sha256)}.parquet`, sha256, bytes: content.length, rows: 1, content };
}
