import type { Digest } from '../shared/digest.ts';
import { type ColumnType, columnNames } from './dataset-spec.ts';
import { curatedKey, type Manifest, type ManifestFile } from './manifest.ts';
import type { DatasetVersionFact } from './versions.ts';

/** A table of the SQL catalogue (Glue), as far as datasets need one. */
export interface SqlTable {
  /** One for each workspace of a stage. */
  database: string;
  name: string;
  description: string;
  columns: { name: string; type: string; comment?: string }[];
  partitions: { name: string; type: string }[];
  /** `s3://` folder of the lists of files. */
  location: string;
  parameters: Record<string, string>;
  /** Of the version that it shows: a table is only ever moved forward. */
  number: number;
}

/** A list of files beside its place: what a table reads instead of a folder. */
export interface LinkFile {
  key: string;
  content: string;
}

const TYPES: Record<ColumnType, string> = {
  string: 'string',
  double: 'double',
  integer: 'bigint',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
};

/** Names there have letters, digits and underscores. */
const sqlWord = (name: string) => name.replaceAll('-', '_');
export const databaseName = (stage: string, workspace: string): string =>
  `millrace_${sqlWord(stage)}__${sqlWord(workspace)}`;
export const tableName = (dataset: string): string => sqlWord(dataset);
/** No dataset's name begins with an underscore. */
export const versionsTableName = (dataset: string): string => `_versions_of_${sqlWord(dataset)}`;
const VERSION_COLUMN = '_version';

/** Begins with an underscore, as no column of a dataset does. */
const partitionColumn = ({ partition }: Manifest): string | undefined => partition && `_${partition.every}`;

const linksFolder = ({ workspace, dataset }: Manifest, number: number): string =>
  `${workspace}/${dataset}/links/${number}/`;

/**
 * The lists of a version's files, one for each partition. They name exactly the files to learn from that the manifest
 * has: the folder of files has those of every version, and the held-out ones are not in any list.
 */
export function linkFilesOf(manifest: Manifest, number: number, bucket: string): LinkFile[] {
  const column = partitionColumn(manifest);
  const lists = new Map<string, ManifestFile[]>();
  for (const file of manifest.files.filter(({ split }) => split === 'train')) {
    const folder = column === undefined ? '' : `${column}=${file.partition}/`;
    lists.set(folder, [...(lists.get(folder) ?? []), file]);
  }
  const folder = linksFolder(manifest, number);
  // An empty list is a table without rows; no list at all is a location that is not there.
  if (lists.size === 0) return [{ key: `${folder}files`, content: '' }];
  return [...lists].map(([unit, files]) => ({
    key: `${folder}${unit}files`,
    content: files.map((file) => `s3://${bucket}/${curatedKey(manifest, file)}\n`).join(''),
  }));
}

interface Published {
  manifest: Manifest;
  fact: DatasetVersionFact;
  bucket: string;
  stage: string;
}

/** The table that shows the newest version, and the one that shows each of them. */
export function tablesOf({ manifest, fact, bucket, stage }: Published): [SqlTable, SqlTable] {
  const { workspace, dataset } = manifest;
  const columns = columnNames(manifest.columns).map((name) => {
    const { type, unit, description } = manifest.columns[name] as Manifest['columns'][string];
    const comment = [description, unit && `in ${unit}`].filter(Boolean).join(', ').slice(0, 255);
    return { name: name.toLowerCase(), type: TYPES[type], ...(comment && { comment }) };
  });
  const root = `s3://${bucket}/${workspace}/${dataset}/links/`;
  const own = partitionColumn(manifest);
  const units = [...new Set(manifest.files.flatMap(({ split, partition }) => (split === 'train' && partition) || []))];
  // Projection needs a value; of a version without files to learn from there is none that has a list.
  const projected = own !== undefined && units.length > 0;
  const shared = {
    database: databaseName(stage, workspace),
    columns,
    number: fact.number,
  };
  const ownPartition = own === undefined ? [] : [{ name: own, type: 'string' }];
  const ownProjection: Record<string, string> = projected
    ? { [`projection.${own}.type`]: 'enum', [`projection.${own}.values`]: units.sort().join(',') }
    : {};
  const latest: SqlTable = {
    ...shared,
    name: tableName(dataset),
    description: `${dataset} version ${fact.number}: what it has to learn from`,
    partitions: projected ? ownPartition : [],
    location: `${root}${fact.number}/`,
    parameters: {
      ...parametersOf(fact.number, fact.version),
      ...(projected && {
        'projection.enabled': 'true',
        ...ownProjection,
        'storage.location.template': `${root}${fact.number}/${own}=\${${own}}/`,
      }),
    },
  };
  const versions: SqlTable = {
    ...shared,
    name: versionsTableName(dataset),
    description: `Every version of ${dataset}, by ${VERSION_COLUMN}: what each has to learn from`,
    partitions: [{ name: VERSION_COLUMN, type: 'int' }, ...(projected ? ownPartition : [])],
    location: root,
    parameters: {
      ...parametersOf(fact.number, fact.version),
      'projection.enabled': 'true',
      [`projection.${VERSION_COLUMN}.type`]: 'integer',
      [`projection.${VERSION_COLUMN}.range`]: `1,${fact.number}`,
      ...ownProjection,
      'storage.location.template': `${root}\${${VERSION_COLUMN}}/${projected ? `${own}=\${${own}}/` : ''}`,
    },
  };
  return [latest, versions];
}

const parametersOf = (number: number, version: Digest): Record<string, string> => ({
  EXTERNAL: 'TRUE',
  classification: 'parquet',
  'millrace.number': String(number),
  'millrace.version': version,
});
