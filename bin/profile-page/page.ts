import { createHash } from 'node:crypto';
import type { DatasetSpec, QualityReport, VersionContent, VersionDiff } from '../../lambdas/data/contract.ts';
import { shownBytes, shownNumber, shownShare } from '../figures-text.ts';
import { changes } from './changes.ts';
import { Html, html } from './html.ts';
import { correlations, distributions, missingValues, overview, quality } from './sections.ts';
import { STYLE } from './style.ts';

export interface ProfilePage {
  version: VersionContent;
  spec: DatasetSpec;
  /** On the file that made it; absent where there is none. */
  report?: QualityReport;
  /** Against the version before; absent for the first, and where that one is deleted. */
  diff?: VersionDiff;
}

/** Nothing but the page's own style sheet: no script, no request, no form, whatever a column may be called. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** One self-contained page about a dataset version. The same input gives the same bytes. */
export function profilePage({ version, spec, report, diff }: ProfilePage): string {
  const { fact, manifest, profile } = version;
  const title = `${fact.dataset}, version ${fact.number}`;
  const sections: [string, string, Html][] = [
    ['overview', 'Overview', overview(version, spec)],
    ['quality', 'Quality', quality(report)],
    ['missing', 'Missing values', missingValues(profile)],
    ['distributions', 'Distributions', distributions(version)],
    ['correlations', 'Correlations', correlations(profile)],
    ['changes', 'What changed', changes(fact, diff)],
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<p class="soft">Dataset profile</p>
<h1>${title}</h1>
${spec.description && html`<p class="soft">${spec.description}</p>`}
<dl class="tiles">${tiles(version, diff).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<nav aria-label="Sections"><ul>${sections.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(([id, name, content]) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${name}</h2>${content}</section>\n`)}
</main>
<footer>Workspace ${manifest.workspace} · profile format ${profile.schema} · <code>${fact.version}</code></footer>
</body>
</html>
`;
  return page.text;
}

function tiles({ fact, manifest, profile }: VersionContent, diff: VersionDiff | undefined): [string, string][] {
  const columns = Object.values(profile.columns);
  const cells = profile.rows * columns.length;
  const missing = columns.reduce((sum, { nulls, nonFinite = 0 }) => sum + nulls + nonFinite, 0);
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const shifted = diff?.columns.filter(({ shift }) => shift === 'shifted' || shift === 'very different').length;
  return [
    ['Rows', shownNumber(profile.rows)],
    ['Columns', shownNumber(columns.length)],
    ['Missing values', shownShare(cells === 0 ? 0 : missing / cells)],
    ['Files', `${shownNumber(manifest.files.length)} (${shownBytes(bytes)})`],
    ['Version', String(fact.number)],
    ...(shifted === undefined ? [] : ([['Columns that shifted', shownNumber(shifted)]] as [string, string][])),
  ];
}
