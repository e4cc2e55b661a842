import { GetQueryResultsCommand, InvalidRequestException, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { describe, expect, test } from '@jest/globals';
import { pinned } from '../../bin/query/athena-query.ts';
import { athenaEngine, type ClientOf, sessionPolicy } from '../../lambdas/data/aws/athena-engine.ts';
import { listQueryRows, type SqlEngine, showQuery, startQuery } from '../../lambdas/data/sql-query.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const SETTINGS = {
  stage: 'prod',
  workgroup: 'millrace-prod',
  readerRole: 'r',
  curated: 'curated',
  results: 'artifacts',
};
const TOKEN = '6d0e6f0e-0b5e-4f0e-8a3f-0a5b5c5d5e5f';

/** An Athena whose answers are given, with what it was asked. */
function athena(...answers: unknown[]) {
  const asked: unknown[] = [];
  const workspaces: string[] = [];
  const send = async (command: { input: unknown }) => {
    asked.push(command);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  };
  const clientOf = (async (workspace: string) => {
    workspaces.push(workspace);
    return { send };
  }) as unknown as ClientOf;
  return { engine: athenaEngine(SETTINGS, clientOf), asked, workspaces };
}

describe('a query in Athena', () => {
  test('is asked in the workspace’s own database, with the caller’s token', async () => {
    const { engine, asked, workspaces } = athena({ QueryExecutionId: 'q-1' });
    expect(await engine.start({ workspace: 'blue-team', sql: 'select 1', token: TOKEN })).toBe('q-1');
    expect(asked[0]).toBeInstanceOf(StartQueryExecutionCommand);
    expect(asked[0]).toMatchObject({
      input: {
        QueryString: 'select 1',
        ClientRequestToken: TOKEN,
        WorkGroup: 'millrace-prod',
        QueryExecutionContext: { Database: 'millrace_prod__blue_team' },
      },
    });
    expect(workspaces).toEqual(['blue-team']);
  });

  test('that it cannot read is refused in its words', async () => {
    const cause = new InvalidRequestException({ message: 'line 1:1: mismatched input', $metadata: {} });
    const refused = athena(cause).engine.start({ workspace: 'w', sql: 'selec', token: TOKEN });
    await expect(refused).rejects.toMatchObject({ name: 'QueryRefused', message: expect.stringContaining('line 1:1') });
  });

  test.each([
    ['QUEUED', 'running'],
    ['RUNNING', 'running'],
    ['SUCCEEDED', 'succeeded'],
    ['FAILED', 'failed'],
    ['CANCELLED', 'failed'],
  ])('in the state %s is %s', async (State, status) => {
    const { engine } = athena({
      QueryExecution: { Status: { State, StateChangeReason: 'so' }, Statistics: { DataScannedInBytes: 10 } },
    });
    expect(await engine.state('w', 'q')).toEqual({ queryId: 'q', status, reason: 'so', bytesScanned: 10 });
  });

  test('gives its rows page by page, without the line of names, typed where that loses nothing', async () => {
    const row = (...texts: (string | undefined)[]) => ({ Data: texts.map((VarCharValue) => ({ VarCharValue })) });
    const ResultSetMetadata = {
      ColumnInfo: [
        { Name: 'origin', Type: 'varchar' },
        { Name: 'n', Type: 'bigint' },
        { Name: 'late', Type: 'double' },
        { Name: 'real', Type: 'boolean' },
      ],
    };
    const { engine, asked } = athena(
      {
        ResultSet: { ResultSetMetadata, Rows: [row('origin', 'n', 'late', 'real'), row('ATL', '5', '1.5', 'true')] },
        NextToken: 'more',
      },
      {
        ResultSet: {
          ResultSetMetadata,
          Rows: [row('origin', '9007199254740993', 'NaN', 'false'), row(undefined, undefined, undefined, undefined)],
        },
      },
    );
    expect(await engine.rows('w', 'q')).toEqual({
      columns: [
        { name: 'origin', type: 'VARCHAR' },
        { name: 'n', type: 'BIGINT' },
        { name: 'late', type: 'DOUBLE' },
        { name: 'real', type: 'BOOLEAN' },
      ],
      rows: [['ATL', '5', 1.5, true]],
      next: 'more',
    });
    const second = await engine.rows('w', 'q', 'more');
    expect([second.rows, second.next]).toEqual([
      [
        ['origin', '9007199254740993', 'NaN', false],
        [null, null, null, null],
      ],
      undefined,
    ]);
    expect(asked[1]).toBeInstanceOf(GetQueryResultsCommand);
    expect(asked[1]).toMatchObject({ input: { NextToken: 'more' } });
  });
});

describe('a session for one workspace', () => {
  const text = JSON.stringify(sessionPolicy(SETTINGS, 'blue'));

  test('opens its own tables and files to learn from, and no other’s', () => {
    expect(text).toContain('arn:*:s3:::curated/blue/*/train/*');
    expect(text).toContain('table/millrace_prod__blue/*');
    const opened = [...text.matchAll(/arn:\*:s3:::curated\/([^/"]*)\//g)].map(([, workspace]) => workspace);
    expect(new Set(opened)).toEqual(new Set(['blue']));
    const databases = [...text.matchAll(/(?:database|table)\/([^/"]*)/g)].map(([, name]) => name);
    expect(new Set(databases)).toEqual(new Set(['default', 'millrace_prod__blue']));
    expect(text).not.toMatch(/test|Create|Update|Delete/);
  });

  test('fits what STS takes of a policy, for the longest of workspaces', () => {
    const settings = { ...SETTINGS, stage: 's'.repeat(14), curated: 'c'.repeat(63), results: 'r'.repeat(63) };
    expect(JSON.stringify(sessionPolicy(settings, 'w'.repeat(63))).length).toBeLessThanOrEqual(2048);
  });
});

describe('a query', () => {
  const clock = () => new Date('2026-01-05T09:00:00Z');
  const engine: SqlEngine = {
    start: async ({ token }) => `q-${token}`,
    state: async (_, queryId) => ({ queryId, status: 'succeeded' }),
    rows: async () => ({ columns: [], rows: [[1]] }),
  };

  test('is its workspace’s: to others it is not there', async () => {
    const table = memoryTable();
    const deps = { table, engine, clock };
    const { queryId } = await startQuery(deps, { workspace: 'blue', sql: 'select 1', token: TOKEN, actor: 't' });
    expect(await showQuery(deps, { workspace: 'blue', queryId })).toMatchObject({ status: 'succeeded' });
    expect(await listQueryRows(deps, { workspace: 'blue', queryId })).toMatchObject({ rows: [[1]] });
    for (const see of [showQuery, listQueryRows])
      await expect(see(deps, { workspace: 'red', queryId })).rejects.toMatchObject({ name: 'QueryMissing' });
  });

  test('that is asked again with the same token is the same one, and is forgotten with its result', async () => {
    const table = memoryTable();
    const ask = () =>
      startQuery({ table, engine, clock }, { workspace: 'blue', sql: 'select 1', token: TOKEN, actor: 't' });
    expect(await ask()).toEqual(await ask());
    expect(table.items()).toMatchObject([{ expiresAt: Date.parse('2026-01-12T09:00:00Z') / 1000, actor: 't' }]);
  });
});

test.each([
  ['select * from "flights@3" f', 'select * from (SELECT * FROM "_versions_of_flights" WHERE "_version" = 3) f'],
  ['from "my-data@latest" join flights', 'from "my_data" join flights'],
])('%j is asked of Athena as %j', (sql, wanted) => {
  expect(pinned(sql)).toBe(wanted);
});

test('a version that Athena does not know is refused by name', () => {
  expect(() => pinned('from "flights@sha256:00"')).toThrow(
    /got "flights@sha256:00", Athena knows versions by their number/,
  );
});
