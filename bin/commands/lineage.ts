import * as z from 'zod';
import { LineageRoutes } from '../../lambdas/lineage/contract.ts';
import { paint, table } from '../terminal.ts';
import { verb } from '../verb.ts';

const Thing = z.string().describe('what it is about, as <kind>:<workspace>/<path>, such as model:default/rain');

export const lineageVerbs = [
  verb({
    name: 'lineage show',
    summary: 'Show what a thing came from, or what came of it.',
    input: z.object({
      ref: Thing,
      direction: z
        .enum(['upstream', 'downstream', 'both'])
        .default('upstream')
        .describe('upstream, downstream or both'),
    }),
    positionals: ['ref'],
    examples: [
      'millrace lineage show model-version:default/rain/1',
      'millrace lineage show dataset:default/weather --direction downstream',
    ],
    run: async ({ client }, input) => (await client()).call(LineageRoutes.showGraph, input),
    show: ({ edges }) => edges.map(({ from, relation, to }) => `${from} ${paint('dim', relation)} ${to}`).join('\n'),
  }),
  verb({
    name: 'lineage ledger',
    summary: 'List what was decided about a model or dataset, oldest first: its ledger.',
    input: z.object({ ref: Thing }),
    positionals: ['ref'],
    examples: ['millrace lineage ledger model:default/rain'],
    run: async ({ client }, input) => (await client()).call(LineageRoutes.showLedger, input),
    show: ({ entries }) =>
      table(
        ['#', 'at', 'what', 'by', 'detail'],
        entries.map(({ sequence, at, action, actor, detail }) => [sequence, at, action, actor, JSON.stringify(detail)]),
      ),
  }),
  verb({
    name: 'lineage verify',
    summary: 'Check the hash chain of a ledger from its first entry to its head.',
    input: z.object({ ref: Thing }),
    positionals: ['ref'],
    examples: ['millrace lineage verify model:default/rain'],
    run: async ({ client }, input) => (await client()).call(LineageRoutes.verifyLedger, input),
    show: ({ intact, entries, broken }) =>
      intact
        ? `${paint('green', 'intact')}: ${entries} entries`
        : `${paint('red', 'broken')} at entry ${broken?.sequence}: ${broken?.reason}`,
  }),
];
