import * as z from 'zod';

/**
 * What is done to a value before anything of it is kept, so that what is kept does not name a person:
 * `pseudonym` an HMAC under a key of the dataset's own; `drop` nothing is kept; `round` a number down to a multiple;
 * `prefix` a text's first characters; `truncate` a day or time to its month or year; `shift` a day or time by a number of
 * days that is the same for all rows of one subject.
 */
export const Privacy = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('pseudonym') }),
  z.strictObject({ action: z.literal('drop') }),
  z.strictObject({ action: z.literal('round'), to: z.number().positive() }),
  z.strictObject({ action: z.literal('prefix'), characters: z.int().min(1).max(64) }),
  z.strictObject({ action: z.literal('truncate'), to: z.enum(['month', 'year']) }),
  /** Between -days and days, never 0. */
  z.strictObject({ action: z.literal('shift'), days: z.int().min(1).max(3650), subject: z.string() }),
]);
export type Privacy = z.output<typeof Privacy>;

/** k-anonymity of what a file adds: every combination of these columns stands in at least `k` rows of it. */
export const Anonymity = z.strictObject({
  columns: z.array(z.string()).min(1).max(20),
  k: z.int().min(2).max(10_000),
  level: z.enum(['warn', 'quarantine', 'refuse']),
});
export type Anonymity = z.output<typeof Anonymity>;

interface PrivateSpec {
  columns: Record<
    string,
    {
      type: string;
      role: string;
      nullable?: boolean | undefined;
      level?: string | undefined;
      privacy?: Privacy | undefined;
    }
  >;
  anonymity?: Anonymity | undefined;
}

/** What a spec says of privacy that cannot be, by path. */
export function privacyContradictions({ columns, anonymity }: PrivateSpec): { path: string[]; message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  for (const [name, { type, role, privacy }] of Object.entries(columns)) {
    if (!privacy) continue;
    const say = (message: string, field = 'action') =>
      void found.push({ path: ['columns', name, 'privacy', field], message });
    const only = (...types: string[]) => {
      if (!types.includes(type)) say(`${privacy.action} is for ${types.join(' and ')} columns, ${name} is ${type}`);
    };
    if (privacy.action === 'round') only('double', 'integer');
    if (privacy.action === 'round' && type === 'integer' && !Number.isInteger(privacy.to))
      say('expected a whole number for an integer column', 'to');
    if (privacy.action === 'prefix') only('string');
    if (privacy.action === 'truncate' || privacy.action === 'shift') only('date', 'timestamp');
    if (privacy.action === 'pseudonym') only('string', 'integer');
    if (privacy.action === 'shift' && columns[privacy.subject] === undefined)
      say(`expected one of the columns ${Object.keys(columns).join(', ')}`, 'subject');
    const subject = privacy.action === 'shift' ? columns[privacy.subject] : undefined;
    if (subject?.nullable || subject?.level === 'warn')
      say(
        'expected a column that is never empty: without a subject there is no shift, and so nothing is kept',
        'subject',
      );
    const namesRows = role === 'key' || role === 'group' || role === 'timestamp';
    if (namesRows && privacy.action !== 'pseudonym' && privacy.action !== 'shift')
      say(`a ${role} names rows; ${privacy.action} would make different rows the same`);
  }
  for (const name of anonymity?.columns ?? []) {
    const column = columns[name];
    if (!column) found.push({ path: ['anonymity', 'columns'], message: `${name} is no column of the spec` });
    else if (column.privacy?.action === 'drop')
      found.push({ path: ['anonymity', 'columns'], message: `${name} is dropped, so it cannot identify anyone` });
  }
  return found;
}
