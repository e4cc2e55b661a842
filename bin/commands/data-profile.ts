import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import {
  type ColumnProfile,
  columnNames,
  DataRoutes,
  type DatasetSpec,
  diffVersions,
  missingShare,
  type VersionContent,
  type VersionDiff,
} from '../../lambdas/data/contract.ts';
import { PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { shownNumber, shownShare } from '../figures-text.ts';
import { profilePage } from '../profile-page/page.ts';
import { blocks, paint, table } from '../terminal.ts';
import { verb } from '../verb.ts';

const VERSION = 'sha256:<digest>, a number, latest, or a name';

export const dataProfileVerbs = [
  verb({
    name: 'data profile',
    summary: 'Show what is in a version: distributions, missing values and quantiles; as a page with --html.',
    input: z.object({
      dataset: z.string().describe('the name of the dataset, or <dataset>@<version>'),
      version: z.string().optional().describe(`${VERSION} (default: latest)`),
      html: z.string().min(1).optional().describe('write the report to this file, as one page that needs nothing else'),
      upload: z
        .string()
        .optional()
        .describe('an upload whose quality report the page shows (default: the one that made it)'),
    }),
    positionals: ['dataset', 'version'],
    examples: ['millrace data profile weather', 'millrace data profile flights@latest --html flights.html'],
    run: async ({ client }, { html, upload, ...given }) => {
      const named = versionNamed(given.dataset, given.version);
      const api = await client();
      if (html === undefined) return api.call(DataRoutes.showProfile, named);
      const { page, profile } = await pageOf(api, named, upload);
      await writeFile(html, page).catch((cause: unknown) => {
        throw SharedErrors.InvalidInput(`html: got ${html}, it cannot be written: ${(cause as Error).message}`, {
          cause,
        });
      });
      return { dataset: profile.dataset, version: profile.version, file: html };
    },
    show: (output) => ('file' in output ? `${output.dataset}: the report is ${output.file}` : profileTable(output)),
  }),
  verb({
    name: 'data diff',
    summary: 'Show what one version of a dataset has that another has not: columns, files, rows and distributions.',
    input: z.object({
      dataset: z.string().describe('the name of the dataset, or <dataset>@<version>'),
      before: z.string().describe(`the earlier version: ${VERSION}; or the later one as <dataset>@<version>`),
      after: z.string().optional().describe('the later version'),
    }),
    positionals: ['dataset', 'before', 'after'],
    examples: ['millrace data diff weather 1 2', 'millrace data diff weather@1 weather@latest'],
    run: async ({ client }, given) => {
      const [before, after] = sidesOf(given);
      const api = await client();
      return diffVersions(await contentOf(api, before), await contentOf(api, after));
    },
    show: diffText,
  }),
];

interface Named {
  dataset: string;
  version: string;
}

/** @throws InvalidInput when both places name a version */
export function versionNamed(dataset: string, version?: string): Named {
  const at = dataset.indexOf('@');
  if (at < 0) return { dataset, version: version ?? 'latest' };
  if (version !== undefined)
    throw SharedErrors.InvalidInput(`version: got ${version} beside ${dataset}, which names a version already`);
  return { dataset: dataset.slice(0, at), version: dataset.slice(at + 1) };
}

/** `weather 1 2` or `weather@1 weather@2`. */
export function sidesOf({
  dataset,
  before,
  after,
}: {
  dataset: string;
  before: string;
  after?: string;
}): [Named, Named] {
  if (after !== undefined) {
    if (dataset.includes('@'))
      throw SharedErrors.InvalidInput(`dataset: got ${dataset} and two versions, expected the name alone`);
    return [
      { dataset, version: before },
      { dataset, version: after },
    ];
  }
  const sides: [Named, Named] = [versionNamed(dataset), versionNamed(before)];
  if (!dataset.includes('@') || !before.includes('@') || sides[0].dataset !== sides[1].dataset)
    throw SharedErrors.InvalidInput(
      `after: got none with ${dataset} and ${before}, expected <dataset> <version> <version>, or <dataset>@<version> twice`,
    );
  return sides;
}

async function contentOf(api: ApiClient, named: Named): Promise<VersionContent> {
  const { manifest, ...fact } = await api.call(DataRoutes.showVersion, named);
  // By its digest, so that both are of one version even if `latest` moves between the calls.
  return { fact, manifest, profile: await api.call(DataRoutes.showProfile, { ...named, version: fact.version }) };
}

async function pageOf(api: ApiClient, named: Named, uploadId: string | undefined) {
  const version = await contentOf(api, named);
  const { dataset } = named;
  const { spec } = await api.call(DataRoutes.showDataset, { dataset });
  const { parent } = version.fact;
  const before = parent && (await unless('DatasetVersionDeleted', contentOf(api, { dataset, version: parent })));
  const diff: VersionDiff | undefined = before && diffVersions(before, version);
  const report = await unless(
    'QualityReportMissing',
    uploadId === undefined
      ? api.call(DataRoutes.showQuality, { dataset, version: version.fact.version })
      : api.call(DataRoutes.showUploadQuality, { dataset, uploadId }),
  );
  return { page: profilePage({ version, spec: spec as DatasetSpec, report, diff }), profile: version.profile };
}

/** A part of the page that may be gone without taking the rest with it. */
async function unless<Answer>(error: string, answer: Promise<Answer>): Promise<Answer | undefined> {
  return answer.catch((thrown: unknown) => {
    if (thrown instanceof PlatformError && thrown.name === error) return undefined;
    throw thrown;
  });
}

function profileTable({ dataset, version, rows, columns }: VersionContent['profile']): string {
  const lines = columnNames(columns as unknown as DatasetSpec['columns']).map((name) => {
    const column = columns[name] as ColumnProfile;
    const { min, max, mean, quantiles: q, distinct, distinctWithin } = column;
    return [
      name,
      column.type,
      shownShare(missingShare(column)),
      distinct === undefined ? '' : `${distinctWithin ? '≈' : ''}${shownNumber(distinct)}`,
      shownNumber(min),
      shownNumber(q?.p25),
      shownNumber(q?.p50),
      shownNumber(q?.p75),
      shownNumber(max),
      shownNumber(mean),
      picture(column),
    ];
  });
  const headings = [
    'column',
    'type',
    'missing',
    'different',
    'min',
    'p25',
    'median',
    'p75',
    'max',
    'mean',
    'distribution',
  ];
  return `${paint('bold', dataset)} ${version}: ${shownNumber(rows)} rows\n\n${table(headings, lines)}`;
}

/** At most 32 signs wide; of texts the most frequent values in words. */
function picture({ histogram, top, count }: ColumnProfile): string {
  if (histogram?.kind === 'number') return blocks(histogram.counts);
  if (histogram?.kind === 'time')
    return blocks(
      thinned(
        histogram.counts.map((each) => each.count),
        32,
      ),
    );
  return (top ?? [])
    .slice(0, 3)
    .map((each) => `${JSON.stringify(each.value).slice(1, 21).replace(/"$/, '')} ${shownShare(each.count / count)}`)
    .join(', ');
}

function thinned(counts: readonly number[], most: number): number[] {
  const step = Math.ceil(counts.length / most);
  return Array.from({ length: Math.ceil(counts.length / step) }, (_, i) =>
    counts.slice(i * step, (i + 1) * step).reduce((sum, each) => sum + each, 0),
  );
}

function diffText({ dataset, before, after, files, schema, columns }: VersionDiff): string {
  const more = after.rows - before.rows;
  const lines = [
    `${paint('bold', dataset)} version ${before.number} → ${after.number}: ${more >= 0 ? '+' : ''}${shownNumber(more)} rows (${shownNumber(before.rows)} → ${shownNumber(after.rows)})`,
    `files: ${files.added.length} added, ${files.removed.length} removed, ${files.kept} the same`,
    ...files.added.map(({ path, rows }) => `  ${paint('green', '+')} ${path} (${shownNumber(rows)} rows)`),
    ...files.removed.map(({ path, rows }) => `  ${paint('red', '-')} ${path} (${shownNumber(rows)} rows)`),
    schema.length === 0 ? 'columns: the same' : 'columns:',
    ...schema.map(({ column, change, field, before: was, after: is }) =>
      change === 'changed'
        ? `  ${column}: ${field} ${JSON.stringify(was) ?? 'not set'} → ${JSON.stringify(is) ?? 'not set'}`
        : `  ${column}: ${change}`,
    ),
    '',
    table(
      ['column', 'distribution', 'distance', 'psi', 'missing', 'mean', 'median'],
      columns.map(({ column, shift, distance, psi, missing, figures }) => [
        column,
        shift,
        distance?.toFixed(3),
        psi?.toFixed(3),
        missing.before === missing.after
          ? shownShare(missing.after)
          : `${shownShare(missing.before)} → ${shownShare(missing.after)}`,
        ...['mean', 'median'].map((name) => {
          const figure = figures.find((each) => each.figure === name);
          return figure ? `${shownNumber(figure.before)} → ${shownNumber(figure.after)}` : '';
        }),
      ]),
    ),
  ];
  return lines.join('\n');
}
