import type { DatasetSpec, DatasetVersionView, DatasetView, Manifest } from '../lambdas/data/contract.ts';
import { shownBytes, shownNumber } from './figures-text.ts';
import { paint, table } from './terminal.ts';

const shownTime = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** What a dataset is, whose it is, and what its rows must look like. */
export function describeDataset({ dataset, spec, specDigest, latest }: DatasetView): string {
  const { description, owner, source, licence, legalBasis, purpose, retentionDays, tags = [] } = spec;
  const facts: [string, string | undefined][] = [
    ['owner', owner],
    ['source', source],
    ['licence', licence],
    ['legal basis', legalBasis],
    ['purpose', purpose],
    ['retention', retentionDays === undefined ? undefined : `${retentionDays} days`],
    ['tags', tags.join(', ') || undefined],
    ['split', splitText(spec)],
    ['partition', spec.partition && `by ${spec.partition.every} of ${spec.partition.by}`],
    ['spec', specDigest],
    ['latest', latest ? `version ${latest.number}, ${latest.version}` : 'no file has been put yet'],
    ['rows', latest && shownNumber(latest.rows)],
  ];
  const lines = [
    `${paint('bold', dataset)}${description ? `: ${description}` : ''}`,
    ...facts.filter(([, value]) => value !== undefined).map(([name, value]) => `  ${name.padEnd(12)}${value}`),
    '',
    table(
      ['column', 'type', 'role', 'unit', 'rules', 'privacy', 'description'],
      Object.entries(spec.columns).map(([name, column]) => [
        ...[name, column.type, column.role, column.unit, rulesText(column), privacyText(column)],
        column.description,
      ]),
    ),
  ];
  if (spec.checks?.length)
    lines.push(
      '',
      table(
        ['check', 'rule', 'level'],
        spec.checks.map(({ name, rule, level }) => [name, rule, level]),
      ),
    );
  return lines.join('\n');
}

function splitText({ split: { by, testFrom, testPercent } }: DatasetSpec): string {
  return testFrom === undefined
    ? `${testPercent} % of all ${by} judge, by hash`
    : `rows with ${by} from ${testFrom} on judge, earlier ones teach`;
}

type Column = DatasetSpec['columns'][string];

function rulesText({ min, max, values, pattern, nullable, level }: Column): string {
  const range = [min, max].some((end) => end !== undefined) ? `${min ?? ''}..${max ?? ''}` : undefined;
  const several = values && (values.length > 5 ? `one of ${values.length}` : values.join('|'));
  return [range, several, pattern && `/${pattern}/`, nullable && 'may be empty', level]
    .filter((part) => part)
    .join(', ');
}

function privacyText({ privacy }: Column): string {
  if (!privacy) return '';
  const { action, ...how } = privacy;
  return [action, ...Object.values(how)].join(' ');
}

/** Newest first, as they come. */
export function describeVersions(versions: readonly DatasetVersionView[]): string {
  return table(
    ['number', 'version', 'rows', 'registered', 'said of it'],
    versions.map(({ number, version, rows, registeredAt, tags, pin, deleted }) => [
      ...[number, version, shownNumber(rows), shownTime(registeredAt)],
      [...tags, ...(pin ? ['pinned'] : []), ...(deleted ? ['deleted'] : [])].join(', '),
    ]),
  );
}

/** The files of a version: their paths are their content. */
export function describeManifest({ dataset, files, rows }: Manifest, version: { number: number; version: string }) {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return [
    `${paint('bold', dataset)} version ${version.number} (${version.version}): ${shownNumber(rows)} rows in ${files.length} ${files.length === 1 ? 'file' : 'files'} of ${shownBytes(bytes)}`,
    '',
    table(
      ['rows', 'size', 'path'],
      files.map((file) => [shownNumber(file.rows), shownBytes(file.bytes), file.path]),
    ),
  ].join('\n');
}
