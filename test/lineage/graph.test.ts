import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commit } from '../../lambdas/lineage/commit.ts';
import { type Edge, RELATIONS } from '../../lambdas/lineage/edge.ts';
import { factOf, requireWorkspaceRef, verifySubject, walk } from '../../lambdas/lineage/graph.ts';
import { headKey, ledgerWrites } from '../../lambdas/lineage/ledger.ts';
import { factKey, type Ref, ref } from '../../lambdas/lineage/ref.ts';
import type { Item, Table } from '../../lambdas/shared/table.ts';
import { aChain, aLedgerEntry } from '../builders/ledger.ts';
import { memoryTable } from '../fakes/memory-table.ts';

const thing = (kind: Parameters<typeof ref>[0], path: string) => ref(kind, 'default', path);
const UPLOAD = thing('raw-object', 'weather.csv');
const DATA = thing('dataset-version', 'weather/1');
const SPEC = thing('spec', 'sha256:s');
const RUN = thing('run', 'r1');
const BUNDLE = thing('bundle', 'sha256:b');
const VERSION = thing('model-version', 'rain/1');
const ROLLOUT = thing('rollout', 'o1');
const ENDPOINT = thing('endpoint', 'rain');

/** The weather example: from an uploaded file to the endpoint. */
const EDGES: Edge[] = [
  { from: DATA, relation: 'derived-from', to: UPLOAD },
  { from: RUN, relation: 'read', to: DATA },
  { from: RUN, relation: 'read', to: SPEC },
  { from: RUN, relation: 'produced', to: BUNDLE },
  { from: BUNDLE, relation: 'bundled-in', to: VERSION },
  { from: ROLLOUT, relation: 'rolled-out', to: BUNDLE },
  { from: ENDPOINT, relation: 'serves', to: VERSION },
];

async function theExample(): Promise<Table> {
  const table = memoryTable();
  for (const edge of EDGES) {
    const facts = [edge.from, edge.to].map((each) => ({ put: { ...factKey(each), name: each } as Item }));
    await commit(table, { facts, edges: [edge] });
  }
  return table;
}
const refs = (nodes: readonly { ref: Ref }[]) => nodes.map((node) => node.ref).sort();

describe('a walk through the lineage', () => {
  test('upstream of what an endpoint serves finds data, spec, run and bundle', async () => {
    const { nodes, edges, truncated } = await walk(await theExample(), ENDPOINT, { direction: 'upstream' });
    expect(refs(nodes)).toEqual([ENDPOINT, VERSION, BUNDLE, RUN, DATA, SPEC, UPLOAD].sort());
    expect(edges).toHaveLength(6);
    expect(truncated).toBe(false);
  });

  test('downstream of a file finds everything that came of it', async () => {
    const { nodes } = await walk(await theExample(), UPLOAD, { direction: 'downstream' });
    expect(refs(nodes)).toEqual([UPLOAD, DATA, RUN, BUNDLE, VERSION, ENDPOINT, ROLLOUT].sort());
  });

  test('both ways finds all that hangs together, each edge once', async () => {
    const { nodes, edges } = await walk(await theExample(), RUN, { direction: 'both' });
    expect(nodes).toHaveLength(8);
    expect(edges).toHaveLength(EDGES.length);
  });

  test('shows the fact of each thing, without the keys of the table', async () => {
    const { nodes } = await walk(await theExample(), DATA, { direction: 'upstream' });
    expect(nodes[0]).toEqual({ ref: DATA, fact: { name: DATA } });
  });

  test('stops at its limit and says so', async () => {
    const { nodes, truncated } = await walk(await theExample(), ENDPOINT, { direction: 'upstream', limit: 3 });
    expect(nodes).toHaveLength(3);
    expect(truncated).toBe(true);
  });

  test('from a thing that nothing is known of is an error', async () => {
    await expect(walk(await theExample(), thing('run', 'r2'), { direction: 'both' })).rejects.toMatchObject({
      name: 'ThingUnknown',
      kind: 'missing',
      message: 'ref: got run:default/r2, nothing is known of it',
    });
  });

  test('from a thing with a fact and no edges is that thing', async () => {
    const table = memoryTable([{ ...factKey(RUN), status: 'running' }]);
    await expect(walk(table, RUN, { direction: 'both' })).resolves.toEqual({
      nodes: [{ ref: RUN, fact: { status: 'running' } }],
      edges: [],
      truncated: false,
    });
  });

  test('downstream of a thing finds exactly those that have it upstream, in any graph', async () => {
    const node = fc.nat(5).map((n) => thing('run', String(n)));
    const edge = fc.record({ from: node, relation: fc.constantFrom(...RELATIONS), to: node });
    await fc.assert(
      fc.asyncProperty(fc.array(edge, { minLength: 1, maxLength: 10 }), async (edges) => {
        const table = memoryTable();
        for (const each of edges) await commit(table, { facts: [], edges: [each] });
        const all = [...new Set(edges.flatMap(({ from, to }) => [from, to]))];
        const reach = async (start: Ref, direction: 'upstream' | 'downstream') =>
          refs((await walk(table, start, { direction }).catch(() => ({ nodes: [{ ref: start }] }))).nodes);
        for (const a of all) {
          for (const b of await reach(a, 'upstream')) expect(await reach(b, 'downstream')).toContain(a);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the ledger of a thing', () => {
  test('is read again when a link came between its head and its entries', async () => {
    const table = memoryTable();
    await commit(table, { facts: [], entry: aLedgerEntry() });
    const { head } = aChain([aLedgerEntry()]);
    let writes = 0;
    const busy: Table = {
      ...table,
      async get(key) {
        const item = await table.get(key);
        if (writes++ === 0) await table.transact(ledgerWrites(head, aLedgerEntry({ detail: { version: 2 } })));
        return item;
      },
    };
    await expect(verifySubject(busy, aLedgerEntry().subject)).resolves.toEqual({ intact: true, entries: 2 });
  });

  test('that lost its head is broken, not young', async () => {
    const table = memoryTable();
    await commit(table, { facts: [], entry: aLedgerEntry() });
    await table.transact([{ remove: headKey(aLedgerEntry().subject) }]);
    await expect(verifySubject(table, aLedgerEntry().subject)).resolves.toMatchObject({ intact: false });
  });
});

describe('a fact', () => {
  test('is what was written, without its keys, and undefined where nothing was', async () => {
    const table = memoryTable([{ ...factKey(RUN), status: 'running' }]);
    await expect(factOf(table, RUN)).resolves.toEqual({ status: 'running' });
    await expect(factOf(table, DATA)).resolves.toBeUndefined();
  });
});

describe('a reference from outside', () => {
  test('is taken for the own workspace only, and another workspace looks like nothing at all', () => {
    expect(requireWorkspaceRef('run:default/r1', 'default')).toBe('run:default/r1');
    for (const text of ['run:other/r1', 'rubbish', 'run:default/', '']) {
      expect(() => requireWorkspaceRef(text, 'default')).toThrow(expect.objectContaining({ name: 'ThingUnknown' }));
    }
  });
});
