import * as z from 'zod';
import { DataErrors, DataRoutes, type DatasetVersionView, type Finding } from '../../lambdas/data/contract.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { paint } from '../terminal.ts';
import { verb } from '../verb.ts';

const Target = z
  .string()
  .describe('<dataset>@<version>; a version is its digest, its number, one of its tags, or latest');
const Reason = z.string().describe('why, for the ledger');

/** `flights@prod-training` in its two parts. @throws InvalidInput */
function parseTarget(target: string, otherwise?: string): { dataset: string; version: string } {
  const [dataset = '', version = otherwise, ...more] = target.split('@');
  if (dataset !== '' && version && more.length === 0) return { dataset, version };
  throw SharedErrors.InvalidInput(`target: got ${JSON.stringify(target)}, expected <dataset>@<version>`);
}

export const dataVersionVerbs = [
  verb({
    name: 'data verify',
    summary: 'Read every byte of a version again and find what was changed, is missing, or was added beside it.',
    input: z.object({ target: Target }),
    positionals: ['target'],
    examples: ['millrace data verify weather@latest', 'millrace data verify weather@prod-training --json'],
    run: async ({ client, progress, signal }, { target }) => {
      const verdict = await verified(await client(), parseTarget(target, 'latest'), progress, signal);
      const [first] = verdict.findings;
      if (!first) return verdict;
      const lines = verdict.findings.map(describeFinding).join('\n');
      throw DataErrors.VersionUnsound(`${target} (${verdict.version}): ${verdict.findings.length} findings\n${lines}`);
    },
    show: ({ version, number, checked, young }) =>
      [
        `version ${number} (${version}) is whole: ${checked.files} files and ${checked.objects} objects, ${checked.bytes} bytes read`,
        ...(young > 0
          ? [`${young} objects that no version names are younger than an hour; an ingestion may be at work`]
          : []),
      ].join('\n'),
  }),
  verb({
    name: 'data pin',
    summary: 'Pin a version: it neither expires nor can it be deleted.',
    input: z.object({ target: Target, reason: Reason }),
    positionals: ['target'],
    examples: ['millrace data pin weather@3 --reason "audit of 2026"'],
    run: async ({ client }, { target, reason }) =>
      (await client()).call(DataRoutes.pinVersion, { ...parseTarget(target), reason }),
    show: describeVersionView,
  }),
  verb({
    name: 'data unpin',
    summary: 'Take the pin off a version.',
    input: z.object({ target: Target, reason: Reason }),
    positionals: ['target'],
    examples: ['millrace data unpin weather@3 --reason "the audit is over"'],
    run: async ({ client }, { target, reason }) =>
      (await client()).call(DataRoutes.unpinVersion, { ...parseTarget(target), reason }),
    show: describeVersionView,
  }),
  verb({
    name: 'data tag',
    summary: 'Give a version a name that can be used wherever a version is named; the name moves here.',
    input: z.object({ target: Target, tag: z.string().describe('a letter, then letters, digits, dots, _ and -') }),
    positionals: ['target', 'tag'],
    examples: ['millrace data tag weather@3 prod-training'],
    run: async ({ client }, { target, tag }) =>
      (await client()).call(DataRoutes.tagVersion, { ...parseTarget(target), tag }),
    show: describeVersionView,
  }),
  verb({
    name: 'data untag',
    summary: 'Take a name off its version.',
    input: z.object({ target: z.string().describe('<dataset>@<tag>') }),
    positionals: ['target'],
    examples: ['millrace data untag weather@prod-training'],
    run: async ({ client }, { target }) => {
      const { dataset, version: tag } = parseTarget(target);
      return (await client()).call(DataRoutes.untagVersion, { dataset, tag });
    },
    show: describeVersionView,
  }),
  verb({
    name: 'data delete',
    summary: 'Delete a version for good: the files that no other version has go, lineage and ledger stay.',
    input: z.object({
      target: Target,
      reason: Reason,
      evenIfUsed: z.boolean().default(false).describe('also when runs or bundles were made from it'),
    }),
    positionals: ['target'],
    examples: ['millrace data delete weather@2 --reason "consent withdrawn, request 4711"'],
    run: async ({ client }, { target, ...input }) =>
      (await client()).call(DataRoutes.deleteVersion, { ...parseTarget(target), ...input }),
    show: describeVersionView,
  }),
];

export interface Verdict {
  version: string;
  number: number;
  findings: Finding[];
  checked: { files: number; objects: number; bytes: number; listed: number };
  young: number;
}

/** All pages of a verification, of the one version that the first page was about, wherever a tag moves meanwhile. */
export async function verified(
  api: ApiClient,
  { dataset, version }: { dataset: string; version: string },
  progress: (text: string) => void,
  signal?: AbortSignal,
): Promise<Verdict> {
  let page = await api.call(DataRoutes.verifyVersion, { dataset, version });
  const { next: _next, ...verdict } = page;
  while (page.next !== undefined) {
    signal?.throwIfAborted();
    progress(`${verdict.checked.bytes} bytes read, ${verdict.findings.length} findings`);
    page = await api.call(DataRoutes.verifyVersion, { dataset, version: verdict.version, cursor: page.next });
    verdict.findings.push(...page.findings);
    verdict.young += page.young;
    for (const what of ['files', 'objects', 'bytes', 'listed'] as const) verdict.checked[what] += page.checked[what];
  }
  return verdict;
}

const describeFinding = ({ kind, key, expected, found }: Finding) =>
  `  ${paint(kind === 'added' ? 'yellow' : 'red', kind.padEnd(8))} ${key}: expected ${expected}, found ${found}`;

function describeVersionView({ dataset, number, version, tags, pin, deleted }: DatasetVersionView): string {
  const lines = [`${dataset} version ${number} (${version})${tags.length > 0 ? `, tagged ${tags.join(', ')}` : ''}`];
  if (pin) lines.push(`  pinned by ${pin.by} at ${pin.at}: ${pin.reason}`);
  if (deleted) lines.push(`  deleted by ${deleted.by} at ${deleted.at}: ${deleted.reason}`);
  if (deleted && !deleted.erasedAt) lines.push('  its files are being erased');
  return lines.join('\n');
}
