import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import {
  type Agreement,
  type Consensus,
  type CorrectionCheck,
  DataErrors,
  DataRoutes,
  type IngestionView,
} from '../../lambdas/data/contract.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import { readCorrections } from '../client/label-file.ts';
import { namedVersion } from '../client/named-version.ts';
import { ingested, putFile } from '../client/uploads.ts';
import { paint, table } from '../terminal.ts';
import { verb } from '../verb.ts';
import { describeIngestion, fileToPut } from './data-put.ts';

const LabelSet = z.string().describe('<label set>@<version>: sha256:<digest>, a number, or latest');
/** What people see of changes; --json has all. */
const SHOWN = 20;

export const dataLabelVerbs = [
  verb({
    name: 'data agreement',
    summary: 'Say how far the labellers of a label set agree, who confuses what, and which items to look at again.',
    input: z.object({
      version: LabelSet,
      review: z.number().default(100).describe('most items to list for review, at most 1000'),
    }),
    positionals: ['version'],
    examples: ['millrace data agreement sky-labels@latest'],
    run: async ({ client }, { version, review }) =>
      (await client()).call(DataRoutes.showAgreement, { ...namedVersion(version), review }),
    show: describeAgreement,
  }),
  verb({
    name: 'data consensus',
    summary: 'Write the label that most labellers gave each item to a CSV file; what is not clear goes to review.',
    input: z.object({
      version: LabelSet,
      out: z.string().describe('the CSV file to write'),
      minAgreement: z.number().default(0.5).describe("smallest share of an item's labellers"),
      minLabellers: z.number().default(2).describe('fewest labellers of an item'),
    }),
    positionals: ['version'],
    examples: ['millrace data consensus sky-labels@latest --min-agreement 0.6 --out resolved.csv'],
    run: async ({ client }, { version, out, ...limits }) => {
      const answer = await (await client()).call(DataRoutes.showConsensus, { ...namedVersion(version), ...limits });
      const { key, label } = answer.labelSet;
      const rows = answer.resolved.map((each) => [...each.key, each.label, String(each.share), String(each.labellers)]);
      const csv = [[...key, label, 'agreement', 'labellers'], ...rows].map((row) => `${row.map(csvField).join(',')}\n`);
      await writeFile(out, csv.join(''), { flag: 'wx' }).catch((cause: unknown) => {
        throw SharedErrors.InvalidInput(`out: got ${out}, ${(cause as Error).message}`, { cause });
      });
      return { ...answer, out };
    },
    show: ({ out, resolved, open, heldOut }: Consensus & { out: string }) =>
      `${out}: ${resolved.length} items resolved, ${open.length} left for review, ${heldOut} of the held-out part not named`,
  }),
  verb({
    name: 'data correct',
    summary: 'Show what a CSV file of corrections changes in a label set, then put it there as a new version.',
    input: z.object({
      dataset: z.string().describe('the label set'),
      file: z.string().describe('a CSV file with the columns of the label set'),
      dryRun: z.boolean().default(false).describe('only say what would change'),
    }),
    positionals: ['dataset', 'file'],
    examples: ['millrace data correct sky-labels corrections.csv --dry-run'],
    run: async ({ client, progress, signal }, { dataset, file, dryRun }) => {
      const api = await client();
      const { spec } = await api.call(DataRoutes.showDataset, { dataset });
      if (!spec.labels)
        throw DataErrors.LabelSetMissing(
          `dataset: got ${dataset}, its spec has no block labels, so it is no label set`,
        );
      if (spec.conflict !== 'replace')
        throw SharedErrors.InvalidInput(
          `spec: conflict: got ${spec.conflict ?? 'nothing'}, corrections take the place of labels where it is replace`,
        );
      const corrections = await readCorrections(file, spec.labels);
      const check = await api.call(DataRoutes.showCorrections, { dataset, version: 'latest', corrections });
      const [stranger] = check.unknown;
      if (stranger)
        throw SharedErrors.InvalidInput(
          `file: got ${stranger.key.join(', ')} by ${stranger.labeller} and ${check.unknown.length - 1} more that have no label to correct; new labels come with millrace data put`,
        );
      if (dryRun || check.changes.length === 0) return { check };
      const uploadId = await putFile(api, dataset, { ...(await fileToPut(file)), signal });
      return { check, ingestion: await ingested(api, dataset, uploadId, progress, signal) };
    },
    show: ({ check, ingestion }: { check: CorrectionCheck; ingestion?: IngestionView }) =>
      [describeChanges(check), ...(ingestion ? [describeIngestion(ingestion)] : [])].join('\n'),
  }),
];

/** RFC 4180. */
const csvField = (value: string) => (/[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

function describeChanges({ changes, same }: CorrectionCheck): string {
  const lines = changes
    .slice(0, SHOWN)
    .map(
      ({ key, labeller, before, label }) => `  ${key.join(', ')} by ${labeller}: ${before ?? '(held out)'} -> ${label}`,
    );
  const more = changes.length > SHOWN ? [`  and ${changes.length - SHOWN} more`] : [];
  return [`${changes.length} labels change, ${same} are so already`, ...lines, ...more].join('\n');
}

const figure = (value: number | undefined) => (value === undefined ? '-' : value.toFixed(3));

function describeAgreement(all: Agreement & { dataset: string; number: number }): string {
  const { dataset, number, items, labels, itemsCompared, equalPairs, alpha, fleissKappa, pairs, confusion, review } =
    all;
  const parts = [
    `${dataset} version ${number}: ${labels} labels of ${items} items, ${itemsCompared} items by two labellers or more`,
    `equal pairs ${figure(equalPairs)}, Krippendorff's alpha ${figure(alpha?.nominal)}${alpha?.interval === undefined ? '' : ` (by distance ${figure(alpha.interval)})`}, Fleiss' kappa ${figure(fleissKappa)}`,
  ];
  if (pairs.length > 0)
    parts.push(
      table(
        ['labellers', 'items', 'equal', "Cohen's kappa"],
        pairs.map(({ labellers, items: n, equal, kappa }) => [labellers.join(' and '), n, equal, figure(kappa)]),
      ),
    );
  for (const { labels: both, pairs: n } of confusion.slice(0, 5)) parts.push(`${both.join(' against ')}: ${n} pairs`);
  if (review.length > 0)
    parts.push(
      paint(
        'bold',
        `${review.length} of ${all.differing.train} items to look at again, ${all.differing.all} differ in all`,
      ),
      ...review.slice(0, SHOWN).map(
        ({ key, labels: counts }) =>
          `  ${key.join(', ')}: ${Object.entries(counts)
            .map(([label, n]) => `${label} ${n}`)
            .join(', ')}`,
      ),
    );
  return parts.join('\n');
}
