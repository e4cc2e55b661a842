import {
  type ColumnProfile,
  columnNames,
  type DatasetSpec,
  missingShare,
  type QualityReport,
  type VersionContent,
} from '../../lambdas/data/contract.ts';
import { shownNumber, shownShare } from '../figures-text.ts';
import { distributionChart, heatMap, missingBar } from './charts.ts';
import { type Html, html } from './html.ts';

/** Who a dataset belongs to and what its files are. */
export function overview({ fact, manifest }: VersionContent, spec: DatasetSpec): Html {
  const facts: [string, string | Html | undefined][] = [
    ['Owner', spec.owner],
    ['Source', spec.source],
    ['Licence', spec.licence],
    ['Purpose', spec.purpose],
    ['Legal basis', spec.legalBasis],
    ['Version', html`<code>${fact.version}</code>`],
    ['Registered', fact.registeredAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ['Checked against spec', html`<code>${fact.spec}</code>`],
    ...splits(manifest),
  ];
  const given = facts.filter(([, value]) => value !== undefined);
  return html`<div class="card"><dl class="facts">${given.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>`;
}

function splits({ files, rows }: VersionContent['manifest']): [string, string][] {
  return (['train', 'test'] as const).flatMap((split): [string, string][] => {
    const own = files.filter((file) => file.split === split);
    const n = own.reduce((sum, file) => sum + file.rows, 0);
    if (n === 0) return [];
    return [
      [
        `Split ${split}`,
        `${shownNumber(n)} rows (${shownShare(n / rows)}) in ${own.length} ${own.length === 1 ? 'file' : 'files'}`,
      ],
    ];
  });
}

const TONES = { passed: 'good', warned: 'warn', quarantined: 'warn', refused: 'bad' } as const;
/** A page shows so many rows of each list; the report has more. */
const MOST_SHOWN = 10;

/** What was found in the file that made the version. */
export function quality(report: QualityReport | undefined): Html {
  if (!report)
    return html`<div class="card"><p>Every row of this version keeps the rules of its spec. There is no report on the file that it came from.</p></div>`;
  const { verdict, key, rows, counts, sample, checks } = report;
  const replaced = rows.replaced > 0 && `, ${shownNumber(rows.replaced)} gave way`;
  const summary = html`<p><span class="word ${TONES[verdict]}">${verdict}</span> ${key.split('/').at(-1)}: of ${shownNumber(rows.given)} rows ${shownNumber(rows.fresh)} are new, ${shownNumber(rows.repeated)} were there already, ${shownNumber(rows.broken)} were not taken${replaced}.</p>`;
  const found = checks.map(
    (check) =>
      html`<li>${check.name}: ${check.found} <span class="${check.passed ? 'good' : 'warn'}">${check.passed ? 'kept' : check.level}</span></li>`,
  );
  return html`<div class="card">${summary}${found.length > 0 && html`<ul>${found}</ul>`}${counts.length > 0 && brokenRules(counts)}${sample.length > 0 && brokenRows(report)}</div>`;
}

const brokenRules = (counts: QualityReport['counts']) =>
  html`<table><caption>Rules that rows broke</caption><thead><tr><th scope="col">Column</th><th scope="col">Rule</th><th scope="col">Level</th><th scope="col" class="number">Rows</th></tr></thead><tbody>${counts.slice(0, MOST_SHOWN).map((each) => html`<tr><th scope="row">${each.column}</th><td>${each.rule}</td><td>${each.level}</td><td class="number">${shownNumber(each.rows)}</td></tr>`)}</tbody></table>`;

function brokenRows({ sample, dataset, uploadId, truncated }: QualityReport): Html {
  const shown = sample.slice(0, MOST_SHOWN);
  const more =
    (truncated || sample.length > shown.length) &&
    html`<p class="soft small">There are more: <code>millrace data quality ${dataset} --upload ${uploadId} --json</code></p>`;
  return html`<table><caption>The first of them</caption><thead><tr><th scope="col" class="number">Row</th><th scope="col">Column</th><th scope="col">Rule</th><th scope="col">Value</th></tr></thead><tbody>${shown.map((each) => html`<tr><td class="number">${each.row === null ? '' : shownNumber(each.row)}</td><td>${each.column}</td><td>${each.rule}</td><td>${each.value ?? '(empty)'}</td></tr>`)}</tbody></table>${more}`;
}

export function missingValues({ columns }: VersionContent['profile']): Html {
  const named = columnNames(columns as never).map((name) => [name, columns[name] as ColumnProfile] as const);
  const lacking = named
    .filter(([, column]) => missingShare(column) > 0)
    .sort((a, b) => missingShare(b[1]) - missingShare(a[1]));
  if (lacking.length === 0) return html`<div class="card"><p class="good">No value is missing in any column.</p></div>`;
  const rows = lacking.map(
    ([name, column]) =>
      html`<tr><th scope="row">${name}</th><td class="number">${shownShare(missingShare(column))}</td><td class="number">${shownNumber(column.nulls + (column.nonFinite ?? 0))}</td><td>${missingBar(name, missingShare(column))}</td></tr>`,
  );
  return html`<div class="card"><table><caption>${lacking.length} of ${named.length} columns lack values; the others have all of theirs.</caption><thead><tr><th scope="col">Column</th><th scope="col" class="number">Missing</th><th scope="col" class="number">Rows</th><th scope="col"><span class="soft">Share of rows</span></th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

export function distributions({ profile, manifest }: VersionContent): Html {
  const cards = columnNames(manifest.columns)
    .filter((name) => name in profile.columns)
    .map((name) => {
      const column = profile.columns[name] as ColumnProfile;
      const { role, unit, description } = manifest.columns[name] as DatasetSpec['columns'][string];
      return html`<article class="card"><div class="head"><h3>${name}</h3><span class="soft small">${column.type}${unit && `, ${unit}`} · ${role}</span></div>${description && html`<p class="soft small">${description}</p>`}${distributionChart(name, column) ?? html`<p class="soft">${column.count === 0 ? 'No values.' : 'Too many different values to count each.'}</p>`}${stats(column)}</article>`;
    });
  return html`<div class="cards">${cards}</div>`;
}

function stats(column: ColumnProfile): Html {
  const { quantiles: q, distinct, distinctWithin, lengths } = column;
  const about = distinctWithin ? '≈ ' : '';
  const pairs: [string, string | undefined][] = [
    ['missing', shownShare(missingShare(column))],
    ['different', distinct === undefined ? undefined : `${about}${shownNumber(distinct)}`],
    ['mean', column.mean === undefined ? undefined : shownNumber(column.mean)],
    ['deviation', column.sd === undefined ? undefined : shownNumber(column.sd)],
    ['median', q && shownNumber(q.p50)],
    ['p25 – p75', q && `${shownNumber(q.p25)} – ${shownNumber(q.p75)}`],
    ['p05 – p95', q && `${shownNumber(q.p05)} – ${shownNumber(q.p95)}`],
    ['zeros', column.zeros ? shownShare(column.zeros / column.count) : undefined],
    ['characters', lengths && `${lengths.min} – ${lengths.max}`],
  ];
  const given = pairs.filter(([, value]) => value !== undefined);
  const rows = Array.from({ length: Math.ceil(given.length / 2) }, (_, i) => given.slice(2 * i, 2 * i + 2));
  return html`<table class="stats"><tbody>${rows.map((row) => html`<tr>${row.map(([name, value]) => html`<th scope="row">${name}</th><td>${value}</td>`)}</tr>`)}</tbody></table>`;
}

export function correlations({ correlations: found }: VersionContent['profile']): Html {
  if (!found || found.columns.length < 2)
    return html`<div class="card"><p class="soft">There are no two columns of numbers among features and targets.</p></div>`;
  const left = found.left > 0 && `${found.left} more columns are left out. `;
  const sampled = found.every && `So many pairs of so many rows are of one block of 2,048 rows in ${found.every}. `;
  return html`<div class="card"><p class="soft small">Pearson's coefficient of columns of numbers that are features or targets, over the rows where both have a value. ${left}${sampled}Red is positive, blue is negative; grey where one does not vary.</p><div class="heat">${heatMap(found)}${strongest(found)}</div></div>`;
}

/** The map in words, for whoever cannot read it. */
function strongest({ columns, rows }: NonNullable<VersionContent['profile']['correlations']>): Html {
  const pairs = rows.flatMap((row, i) => row.map((r, j) => ({ a: columns[i + 1], b: columns[j], r: r ?? 0 })));
  const first = pairs
    .filter(({ r }) => r !== 0)
    .sort((a, b) => Math.abs(b.r) - Math.abs(a.r))
    .slice(0, 8);
  return html`<table><caption>Strongest pairs</caption><thead><tr><th scope="col">Column</th><th scope="col">Column</th><th scope="col" class="number">r</th></tr></thead><tbody>${first.map(({ a, b, r }) => html`<tr><td>${a}</td><td>${b}</td><td class="number">${r.toFixed(3)}</td></tr>`)}</tbody></table>`;
}
