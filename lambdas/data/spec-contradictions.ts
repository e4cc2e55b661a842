import type { Check } from './check-spec.ts';
import { type Column, isTemporal } from './column-spec.ts';
import type { Partition, Split } from './split-spec.ts';

/** Begins with a letter: names of our own working columns begin with an underscore and so never clash. */
const COLUMN_NAME = /^\p{L}[\p{L}\p{N}_ .()%/-]{0,63}$/u;

interface Contradiction {
  path: string[];
  message: string;
}
interface Spec {
  columns: Record<string, Column>;
  split: Split;
  partition?: Partition | undefined;
  checks?: Check[] | undefined;
}
type Say = (path: (string | number)[], message: string) => void;

/** What a spec says that cannot be, by path: each part of it is sound, together they are not. */
export function contradictions(spec: Spec): Contradiction[] {
  const found: Contradiction[] = [];
  const say: Say = (path, message) => void found.push({ path: path.map(String), message });
  ofSplit(spec, say);
  ofPartition(spec, say);
  ofColumns(spec.columns, say);
  ofPlaces(spec, say);
  (spec.checks ?? []).forEach((check, i) => {
    ofCheck(spec, check, (path, message) => say(['checks', i, ...path], message));
    if (spec.checks?.findIndex(({ name }) => name === check.name) !== i)
      say(['checks', i, 'name'], 'another check has this name');
  });
  return found;
}

const oneOf = (columns: Spec['columns']) => `expected one of the columns ${Object.keys(columns).join(', ')}`;

function ofSplit({ columns, split }: Spec, say: Say): void {
  const at = ['split', 'by'];
  const by = columns[split.by];
  if (!by) {
    say(at, oneOf(columns));
    return;
  }
  if (by.nullable) say(at, 'expected a column that is not nullable');
  if (by.privacy?.action === 'drop') say(at, `${split.by} is dropped, expected a column that is kept`);
  if ((split.testFrom === undefined) === (split.testPercent === undefined)) {
    say(['split'], 'expected either testFrom, a day, or testPercent, a share');
    return;
  }
  for (const name of split.apart ?? []) {
    const apart = columns[name];
    if (!apart || apart.privacy?.action === 'drop') say(['split', 'apart'], `${name} is no column that is kept`);
  }
  if (split.testFrom !== undefined) {
    if (!isTemporal(by.type)) say(at, `expected a date or timestamp column, ${split.by} is ${by.type}`);
    if (split.salt !== undefined) say(['split', 'salt'], 'a split by day draws nothing');
    return;
  }
  if (!['key', 'group', 'subject'].includes(by.role))
    say(at, `a split by hash is by a key, group or subject column, ${split.by} is a ${by.role}`);
  if (by.type === 'double') say(at, 'a split by hash is not by a double column: equal numbers may be written apart');
  const subject = Object.keys(columns).find((name) => columns[name]?.role === 'subject');
  if (subject && split.by !== subject && !split.apart?.includes(subject))
    say(at, `rows of one ${subject} would lie on both sides; split by ${subject}, or keep it apart`);
  const series = Object.values(columns).some(({ role }) => role === 'timestamp');
  if (series && by.role === 'key' && !split.acrossTime)
    say(
      at,
      'a split of a series by its rows lets training see days after those it is judged on; split by time or by group, or say acrossTime: true',
    );
}

/** What names a row or places it is there, whatever else may only be warned of. */
function ofPlaces({ columns, split, partition }: Spec, say: Say): void {
  for (const [name, { role, level }] of Object.entries(columns)) {
    const places = ['key', 'group', 'timestamp'].includes(role) || name === split.by || name === partition?.by;
    if (places && level === 'warn')
      say(['columns', name, 'level'], `${name} names or places rows, so a warning is not enough`);
  }
}

function ofPartition({ columns, partition }: Spec, say: Say): void {
  if (!partition) return;
  const by = columns[partition.by];
  const at = ['partition', 'by'];
  if (!by) say(at, oneOf(columns));
  else if (!isTemporal(by.type)) say(at, `expected a date or timestamp column, ${partition.by} is ${by.type}`);
  else if (by.nullable) say(at, 'expected a column that is not nullable');
  else if (by.privacy?.action === 'drop') say(at, 'expected a column that is kept');
}

function ofColumns(columns: Spec['columns'], say: Say): void {
  const names = Object.keys(columns);
  for (const [name, column] of Object.entries(columns)) {
    ofColumn(name, column, say);
    if (!COLUMN_NAME.test(name))
      say(['columns', name], 'a column begins with a letter; letters, digits, space and _.()%/- follow, 64 in all');
    const twin = names.find((other) => other < name && other.toLowerCase() === name.toLowerCase());
    if (twin) say(['columns', name], `differs from column ${twin} in case only`);
  }
  for (const role of ['timestamp', 'subject'] as const) {
    const having = names.filter((name) => columns[name]?.role === role);
    if (having.length > 1) say(['columns'], `expected one ${role} at most, got ${having.join(', ')}`);
  }
}

function ofColumn(name: string, { type, role, min, max, values, pattern, nullable }: Column, say: Say): void {
  const at = (field: string) => ['columns', name, field];
  const numeric = type === 'double' || type === 'integer';
  if (min !== undefined && !numeric) say(at('min'), `a ${type} column has no smallest number`);
  if (max !== undefined && !numeric) say(at('max'), `a ${type} column has no largest number`);
  if (min !== undefined && max !== undefined && min > max) say(at('min'), `expected at most max, which is ${max}`);
  if (values && type !== 'string') say(at('values'), `a ${type} column has no list of texts`);
  if (pattern && type !== 'string') say(at('pattern'), `a ${type} column has no pattern of texts`);
  if (role === 'timestamp' && !isTemporal(type)) say(at('role'), `a timestamp is a date or timestamp, not ${type}`);
  if (nullable && (role === 'key' || role === 'group' || role === 'timestamp'))
    say(at('nullable'), `a ${role} names rows and is never empty`);
}

function ofCheck({ columns }: Spec, check: Check, say: Say): void {
  if (check.rule === 'unique') {
    for (const name of check.columns) {
      if (!columns[name]) say(['columns'], `${name} is no column of the spec`);
      else if (columns[name].privacy?.action === 'drop')
        say(['columns'], `${name} is dropped, so nothing is known of it`);
    }
    return;
  }
  if (check.rule === 'rows') {
    const { atLeast, atMost, deltaPercent } = check;
    if (atLeast === undefined && atMost === undefined && deltaPercent === undefined)
      say(['atLeast'], 'expected at least one of atLeast, atMost and deltaPercent');
    return;
  }
  if (check.rule === 'sql') return;
  const column = columns[check.column];
  if (!column) say(['column'], oneOf(columns));
  else if (check.rule !== 'reference' && column.privacy?.action === 'drop')
    say(['column'], `${check.column} is dropped, so nothing is known of it`);
  else if (check.rule === 'fresh' && !isTemporal(column.type))
    say(['column'], `expected a date or timestamp column, ${check.column} is ${column.type}`);
}
