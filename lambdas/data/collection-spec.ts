/** As much of a dataset spec as says whether it is a collection's. */
interface SpecOfObjects {
  format?: { type?: string | undefined } | undefined;
  columns: Record<string, { type: string; role: string; nullable?: boolean | undefined; privacy?: unknown }>;
  snapshot?: boolean | undefined;
}

/** The columns that every object manifest has: `millrace data put <dataset> <folder>` writes them. */
export const COLLECTION_COLUMNS = ['path', 'sha256', 'bytes', 'mediaType'] as const;

/** Whether a dataset is a collection of objects: images, documents, sounds. */
export const isCollection = ({ format }: Pick<SpecOfObjects, 'format'>): boolean => format?.type === 'objects';

const TYPES: Record<(typeof COLLECTION_COLUMNS)[number], string> = {
  path: 'string',
  sha256: 'string',
  bytes: 'integer',
  mediaType: 'string',
};

/** What a spec of `format: { type: objects }` lacks to be that of a collection: a row names one object by its path. */
export function collectionContradictions({
  format,
  columns,
  snapshot,
}: SpecOfObjects): { path: string[]; message: string }[] {
  if (format?.type !== 'objects') return [];
  const found: { path: string[]; message: string }[] = [];
  const say = (path: string[], message: string) => void found.push({ path, message });
  for (const name of COLLECTION_COLUMNS) {
    const column = columns[name];
    if (!column) {
      say(
        ['columns'],
        `a collection of objects has the columns ${COLLECTION_COLUMNS.join(', ')}; ${name} is not there`,
      );
      continue;
    }
    const at = ['columns', name];
    if (column.type !== TYPES[name]) say([...at, 'type'], `expected ${TYPES[name]} in a collection of objects`);
    if (column.nullable) say([...at, 'nullable'], 'every object has it');
    // With another text in it nobody could find the object again.
    if (column.privacy) say([...at, 'privacy'], 'is kept as it is in a collection of objects');
  }
  if (columns['path'] && columns['path'].role !== 'key')
    say(['columns', 'path', 'role'], 'the path names an object, expected role key');
  if (!snapshot) say(['snapshot'], 'a folder is the whole collection, expected true');
  return found;
}
