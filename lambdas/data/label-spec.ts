import * as z from 'zod';

/**
 * Makes a dataset a label set: each row says what one labeller calls one item of another dataset. Its rows are named by
 * item and labeller together, so that a labeller's next word on an item stands in the place of the one before.
 */
export const Labels = z.strictObject({
  /** The dataset whose items are labelled. */
  of: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a dataset is lower-case letters, digits and hyphens, at most 63'),
  /** Columns of this spec that name an item there. */
  key: z.array(z.string()).min(1).max(5),
  /** The column with what the item is called. */
  label: z.string(),
  /** The column with who says so: a person, a job, a model. */
  labeller: z.string(),
});
export type Labels = z.output<typeof Labels>;

/** What every answer says of the label set that it is about. */
export interface LabelSetNamed {
  dataset: string;
  version: string;
  number: number;
  labelSet: Labels;
}

interface LabelledSpec {
  dataset: string;
  columns: Record<string, { role: string; privacy?: { action: string } | undefined }>;
  labels?: Labels | undefined;
}

/** What a spec says of labels that cannot be, by path. */
export function labelContradictions({ dataset, columns, labels }: LabelledSpec): { path: string[]; message: string }[] {
  if (!labels) return [];
  const found: { path: string[]; message: string }[] = [];
  const say = (field: keyof Labels, message: string) => void found.push({ path: ['labels', field], message });
  const naming = [...labels.key, labels.labeller];
  if (labels.of === dataset) say('of', 'expected another dataset, a label set labels the items of one');
  labels.key.forEach((name) => {
    ofColumn(columns, name, 'key', (message) => say('key', message));
  });
  ofColumn(columns, labels.labeller, 'key', (message) => say('labeller', message));
  ofColumn(columns, labels.label, 'target', (message) => say('label', message));
  if (new Set(naming).size < naming.length) say('key', 'expected each column once, and not the labeller');
  const others = Object.keys(columns).filter((name) => columns[name]?.role === 'key' && !naming.includes(name));
  if (others.length > 0)
    say('key', `${others.join(', ')} names rows too; item and labeller together name a label, and nothing else does`);
  return found;
}

function ofColumn(columns: LabelledSpec['columns'], name: string, role: string, say: (message: string) => void): void {
  const column = columns[name];
  if (!column) say(`${name} is no column of the spec, expected one of ${Object.keys(columns).join(', ')}`);
  else if (column.role !== role) say(`expected a column whose role is ${role}, ${name} has role ${column.role}`);
  else if (column.privacy?.action === 'drop') say(`${name} is dropped, expected a column that is kept`);
}
