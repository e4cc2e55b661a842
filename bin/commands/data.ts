import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { DataRoutes } from '../../lambdas/data/contract.ts';
import { SharedErrors } from '../../lambdas/shared/errors.ts';
import { describeDataset, describeManifest, describeVersions } from '../dataset-text.ts';
import { verb } from '../verb.ts';
import { versionNamed } from './data-profile.ts';
import { dataPutVerb } from './data-put.ts';

const Dataset = z.string().describe('the name of the dataset');
const Version = z.string().optional().describe('its digest, its number, one of its tags, or latest (default: latest)');

export const dataVerbs = [
  verb({
    name: 'data create',
    summary: 'Create a dataset, or change the spec that its next uploads are checked against.',
    input: z.object({ dataset: Dataset, spec: z.string().describe('the YAML file with its columns, roles and split') }),
    positionals: ['dataset'],
    examples: ['millrace data create weather --spec examples/weather/weather.yaml'],
    run: async ({ client }, { dataset, spec }) =>
      (await client()).call(DataRoutes.createDataset, { dataset, spec: await readText(spec) }),
    show: ({ dataset, specDigest, spec }) =>
      `${dataset}: ${Object.keys(spec.columns).length} columns, spec ${specDigest}`,
  }),
  dataPutVerb,
  verb({
    name: 'data show',
    summary: 'Show a dataset: its spec and its latest version.',
    input: z.object({ dataset: Dataset }),
    positionals: ['dataset'],
    examples: ['millrace data show weather'],
    run: async ({ client }, input) => (await client()).call(DataRoutes.showDataset, input),
    show: describeDataset,
  }),
  verb({
    name: 'data versions',
    summary: 'List the versions of a dataset.',
    input: z.object({ dataset: Dataset }),
    positionals: ['dataset'],
    examples: ['millrace data versions weather'],
    run: async ({ client }, input) => (await client()).call(DataRoutes.listVersions, input),
    show: ({ versions }) => describeVersions(versions),
  }),
  verb({
    name: 'data manifest',
    summary: 'Show the manifest of a version: its files with digests, rows and splits.',
    input: z.object({
      dataset: z.string().describe('the name of the dataset, or <dataset>@<version>'),
      version: Version,
    }),
    positionals: ['dataset', 'version'],
    examples: ['millrace data manifest weather@latest'],
    run: async ({ client }, { dataset, version }) =>
      (await client()).call(DataRoutes.showVersion, versionNamed(dataset, version)),
    show: ({ manifest, ...version }) => describeManifest(manifest, version),
  }),
];

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw SharedErrors.InvalidInput(`file: got ${file}, it cannot be read: ${(cause as Error).message}`, { cause });
  });
}
