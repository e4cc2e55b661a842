import type { ColumnChange, VersionContent, VersionDiff } from '../../lambdas/data/contract.ts';
import { shownNumber, shownShare } from '../figures-text.ts';
import { type Html, html } from './html.ts';

const TONES: Readonly<Record<ColumnChange['shift'], string>> = {
  equal: 'good',
  'about the same': 'good',
  'slightly shifted': 'warn',
  shifted: 'warn',
  'very different': 'bad',
  unknown: 'soft',
};

/** What this version has that the one before it has not. */
export function changes({ parent }: VersionContent['fact'], diff: VersionDiff | undefined): Html {
  if (!diff)
    return html`<div class="card"><p>${parent ? 'The version before this one is deleted.' : 'This is the first version of the dataset.'}</p></div>`;
  const { before, after, files, schema, columns } = diff;
  const more = after.rows - before.rows;
  const summary = html`<p>Against version ${before.number}: <strong>${more >= 0 ? '+' : '−'}${shownNumber(Math.abs(more))} rows</strong> (${shownNumber(before.rows)} before, ${shownNumber(after.rows)} now); files: ${files.added.length} came, ${files.removed.length} went, ${files.kept} stayed.</p>`;
  return html`<div class="card">${summary}${schemaList(schema)}${shifts(columns)}</div>`;
}

function schemaList(schema: VersionDiff['schema']): Html {
  if (schema.length === 0) return html`<p>The columns are the same.</p>`;
  const items = schema.map(({ column, change, field, before, after }) =>
    change === 'changed'
      ? html`<li><strong>${column}</strong>: ${field} was ${said(before)}, is ${said(after)}</li>`
      : html`<li><strong>${column}</strong> was ${change} (${said(after ?? before)})</li>`,
  );
  return html`<h3>Columns</h3><ul>${items}</ul>`;
}

const said = (value: unknown) =>
  value === undefined ? 'not set' : typeof value === 'string' ? value : JSON.stringify(value);

function shifts(columns: readonly ColumnChange[]): Html {
  const rows = columns.map(({ column, shift, distance, psi, missing, figures }) => {
    const shown = figures.filter(({ figure }) => figure === 'mean' || figure === 'median' || figure === 'distinct');
    const figure = (shown.length > 0 ? shown : figures).slice(0, 2);
    return html`<tr><th scope="row">${column}</th><td><span class="word ${TONES[shift]}">${shift}</span></td><td class="number">${distance?.toFixed(3)}</td><td class="number">${psi?.toFixed(3)}</td><td class="number">${shownShare(missing.before)} → ${shownShare(missing.after)}</td><td>${figure.map((each) => html`<span class="small">${each.figure} ${shownNumber(each.before)} → ${shownNumber(each.after)}</span> `)}</td></tr>`;
  });
  return html`<table><caption>Distance is Kolmogorov and Smirnov's, of texts the share that changed its value: 0 is equal, 1 has nothing in common. PSI is the population stability index.</caption><thead><tr><th scope="col">Column</th><th scope="col">Distribution</th><th scope="col" class="number">Distance</th><th scope="col" class="number">PSI</th><th scope="col" class="number">Missing</th><th scope="col">Figures</th></tr></thead><tbody>${rows}</tbody></table>`;
}
