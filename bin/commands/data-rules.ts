import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { stringify } from 'yaml';
import * as z from 'zod';
import {
  applyProposals,
  DataRoutes,
  type DatasetSpec,
  datasetJsonSchema,
  firstSpec,
  inferRules,
  type Proposal,
  parseDatasetSpec,
} from '../../lambdas/data/contract.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import type { ApiClient } from '../client/api-client.ts';
import { seeFile } from '../client/file-seen.ts';
import { namedVersion } from '../client/named-version.ts';
import { unifiedDiff } from '../unified-diff.ts';
import { verb } from '../verb.ts';

/** Versions before the reference that are looked at for how files usually are. */
const VERSIONS_SEEN = 10;

export const dataRuleVerbs = [
  verb({
    name: 'data schema',
    summary: 'Print the JSON Schema of dataset specs, for editors that check and complete YAML.',
    input: z.object({}),
    positionals: [],
    examples: ['millrace data schema > docs/schemas/dataset.schema.json'],
    run: async () => datasetJsonSchema(),
  }),
  verb({
    name: 'data infer',
    summary: "Propose rules that a version's rows show, as a diff of the spec; or a first spec of a file.",
    input: z.object({
      version: z.string().optional().describe('<dataset>@<version>; of a file, the name of the dataset to be'),
      file: z
        .string()
        .optional()
        .describe('a CSV, JSON Lines or Parquet file of this machine: print a first spec of it'),
      spec: z
        .string()
        .optional()
        .describe("the YAML file to propose changes of (default: the dataset's spec as it is stored)"),
      write: z.string().optional().describe('the YAML file that gets the proposals; nothing is sent to the platform'),
      owner: z.string().optional().describe('the owner that a first spec names (default: the user of this machine)'),
    }),
    positionals: ['version'],
    examples: [
      'millrace data infer weather@latest --write examples/weather/weather.yaml',
      'millrace data infer --file visits.csv',
    ],
    run: async ({ client, progress }, { version, file, spec, write, owner }) => {
      if (file === undefined ? version === undefined : version?.includes('@'))
        throw SharedErrors.InvalidInput('data infer: got neither or both, expected <dataset>@<version> or --file');
      if (file !== undefined) {
        const dataset = version ?? datasetName(file);
        const text = firstSpec(await seeFile(file, { dataset, owner: owner ?? userInfo().username }));
        // What is there is somebody's work: a first spec never takes its place.
        if (write) await writing(write, text, 'wx');
        return { proposals: [], text, diff: '' };
      }
      return proposed(await client(), progress, { version: version as string, spec, write });
    },
    show: ({ proposals, text, diff }) =>
      text ??
      (diff
        ? `${proposals.map(reasoned).join('\n')}\n${diff.trimEnd()}`
        : 'nothing to propose: the spec says what the rows show'),
  }),
];

async function proposed(
  api: ApiClient,
  progress: (text: string) => void,
  { version, spec, write }: { version: string; spec?: string | undefined; write?: string | undefined },
): Promise<{ proposals: Proposal[]; diff: string; text?: string }> {
  const named = namedVersion(version);
  const from = spec ?? write;
  const before = from
    ? await reading(from)
    : asYaml((await api.call(DataRoutes.showDataset, { dataset: named.dataset })).spec);
  const given = parseDatasetSpec(before);
  if (given.dataset !== named.dataset)
    throw SharedErrors.InvalidInput(`spec: got one of dataset ${given.dataset}, expected ${named.dataset}`);
  const reference = await api.call(DataRoutes.showVersion, named);
  const { versions } = await api.call(DataRoutes.listVersions, { dataset: named.dataset });
  const seen = versions.filter(({ number }) => number <= reference.number).slice(0, VERSIONS_SEEN);
  const profiles = [];
  for (const { version: digest, registeredAt, number } of seen) {
    progress(`reading the profile of version ${number}`);
    profiles.push({
      ...(await api.call(DataRoutes.showProfile, { dataset: named.dataset, version: digest })),
      registeredAt,
    });
  }
  const proposals = inferRules(given, profiles);
  const after = applyProposals(before, proposals);
  if (write) await writing(write, after, 'w');
  return { proposals, diff: unifiedDiff(before, after, from ?? `${named.dataset}.yaml`) };
}

const reasoned = (proposal: Proposal) =>
  `# ${'check' in proposal ? `checks.${proposal.check.name}` : `columns.${proposal.column}.${proposal.field}`}: ${proposal.reason}`;

/** A stored spec has lost its order and comments; this is the order of the documentation, a column a line. */
function asYaml({ columns, ...spec }: DatasetSpec): string {
  const { split, checks, ...rest } = spec;
  return stringify({ ...rest, columns, ...(checks && { checks }), split }, { lineWidth: 0 });
}

function datasetName(file: string): string {
  const name = basename(file)
    .toLowerCase()
    .replace(/\..*$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
  return name.slice(0, 63) || 'dataset';
}

const refused = (what: string, file: string) => (cause: unknown) => {
  throw SharedErrors.InvalidInput(`${what}: got ${file}, ${(cause as Error).message}`, { cause });
};
const reading = (file: string): Promise<string> => readFile(file, 'utf8').catch(refused('spec', file));
const writing = (file: string, text: string, flag: string) =>
  writeFile(file, text, { flag }).catch(refused('write', file));
