import * as z from 'zod';
import { DataRoutes, type QualityReport } from '../../lambdas/data/contract.ts';
import { shownNumber } from '../figures-text.ts';
import { paint, table } from '../terminal.ts';
import { verb } from '../verb.ts';
import { versionNamed } from './data-profile.ts';

export const qualityVerbs = [
  verb({
    name: 'data quality',
    summary: 'Show what was found in a file: broken rules, the first rows that break them, checks of the whole file.',
    input: z.object({
      dataset: z.string().describe('the name of the dataset, or <dataset>@<version>'),
      version: z.string().optional().describe('the version that the file made (default: latest)'),
      upload: z.string().optional().describe('an upload instead, also a refused one'),
    }),
    positionals: ['dataset', 'version'],
    examples: ['millrace data quality weather', 'millrace data quality weather --upload 01kb3m1h9v8x2c4d5e6f7g8h9j'],
    run: async ({ client }, { dataset, version, upload }) =>
      upload === undefined
        ? (await client()).call(DataRoutes.showQuality, versionNamed(dataset, version))
        : (await client()).call(DataRoutes.showUploadQuality, { dataset, uploadId: upload }),
    show: describeQuality,
  }),
];

const COLOUR = { passed: 'green', warned: 'yellow', quarantined: 'yellow', refused: 'red' } as const;

function describeQuality({ verdict, refusal, rows, counts, sample, truncated, checks, key }: QualityReport): string {
  const { given, fresh, repeated, broken, replaced } = rows;
  const lines = [
    `${key}: ${paint(COLOUR[verdict], verdict)}`,
    `${shownNumber(given)} rows: ${shownNumber(fresh)} new, ${shownNumber(repeated)} there already, ${shownNumber(broken)} not taken${replaced ? `, ${shownNumber(replaced)} gave way` : ''}`,
  ];
  if (refusal) lines.push(`${refusal.name}: ${refusal.message}`);
  for (const { name, passed, level, found } of checks)
    lines.push(
      `${passed ? paint('green', 'ok') : paint(level === 'refuse' ? 'red' : 'yellow', level)}  ${name}: ${found}`,
    );
  if (counts.length > 0)
    lines.push(
      '',
      table(
        ['column', 'rule', 'level', 'rows'],
        counts.map((each) => [each.column, each.rule, each.level, shownNumber(each.rows)]),
      ),
    );
  if (sample.length > 0) {
    const shown = sample.slice(0, 20).map((each) => [each.row ?? '', each.column, each.rule, each.value ?? '(empty)']);
    lines.push('', table(['row', 'column', 'rule', 'value'], shown));
    if (truncated || sample.length > 20) lines.push('there are more; --json has up to 200');
  }
  return lines.join('\n');
}
