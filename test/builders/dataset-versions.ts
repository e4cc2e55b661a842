import { headOf, headWrite } from '../../lambdas/data/dataset-head.ts';
import type { DatasetSpec } from '../../lambdas/data/dataset-spec.ts';
import { type ManifestFile, manifestKey, profileKey, versionOf } from '../../lambdas/data/manifest.ts';
import { type DatasetVersionFact, datasetVersionRef, versionRowKey } from '../../lambdas/data/versions.ts';
import { factKey, ref } from '../../lambdas/lineage/contract.ts';
import { canonicalJson, digestOf, digestOfJson } from '../../lambdas/shared/digest.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';
import type { Item, Table, Value } from '../../lambdas/shared/table.ts';
import { aManifest, VISITS } from './curated.ts';

/** A dataset and its versions in the catalogue, as ingestions leave them, of whatever files a test wants. */
export function datasetVersions(
  { table, curated }: { table: Table; curated: ObjectStore },
  workspace: string,
  spec: DatasetSpec = VISITS,
) {
  const { dataset } = spec;
  const digest = digestOfJson(spec);
  return {
    create: () =>
      table.transact([
        headWrite(workspace, undefined, {
          dataset,
          spec: digest,
          number: 0,
          latest: null,
          createdAt: '2026-01-05T09:00:00.000Z',
        }),
        { put: { ...factKey(ref('spec', workspace, digest)), spec: spec as unknown as Value } },
      ]),
    /** The next version, with exactly these files. */
    async add(files: ManifestFile[], registeredAt = '2026-01-05T10:00:00.000Z'): Promise<DatasetVersionFact> {
      const head = (await headOf(table, workspace, dataset))!;
      const manifest = { ...aManifest(files, spec, workspace), spec: digest };
      const bytes = canonicalJson(manifest);
      const version = versionOf(manifest.files);
      const number = head.number + 1;
      const fact: DatasetVersionFact = {
        ...{
          dataset,
          version,
          number,
          spec: digest,
          rows: manifest.rows,
          given: manifest.rows,
          registeredAt,
          qualityKey: '',
        },
        manifestKey: manifestKey(manifest, version, bytes),
        profileKey: profileKey(manifest, version),
      };
      await curated.create(fact.manifestKey, bytes);
      await table.transact([
        headWrite(workspace, head, { ...head, number, latest: version }),
        { put: { ...factKey(datasetVersionRef(workspace, dataset, version)), ...fact } as unknown as Item },
        { put: { ...versionRowKey(workspace, dataset, number), ...fact } as unknown as Item },
      ]);
      return fact;
    },
  };
}

/** A file that only has to be there: its bytes are the name. */
export async function aNamedFile(curated: ObjectStore, workspace: string, name: string): Promise<ManifestFile> {
  const sha256 = digestOf(name);
  const file = { path: `train/${name}.parquet`, split: 'train' as const, sha256, bytes: name.length, rows: 1 };
  await curated.create(`${workspace}/${VISITS.dataset}/${file.path}`, name);
  return file;
}
