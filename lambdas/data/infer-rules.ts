import { type Column, type DatasetSpec, identityOf } from './dataset-spec.ts';
import { boundsAround } from './human-number.ts';
import { inferChecks } from './infer-checks.ts';
import type { ColumnProfile } from './profile.ts';
import type { Proposal, VersionSeen } from './proposal.ts';

/** Fewer values than this do not show where a column ends. */
const FEWEST_VALUES = 50;
/** A text that was seen less often may as well be a slip. */
const FEWEST_OF_A_TEXT = 5;
/** A profile shows so much of a text; a longer one may be cut. */
const SHOWN = 80;

/**
 * What the rows of versions show and the spec does not say yet. The newest version comes first: it is the reference,
 * and all of its rows keep the rules that are proposed. Rules of the spec stay, unless the reference itself breaks them
 * (where they only warn): those are widened. With the proposals taken over, nothing more is proposed.
 */
export function inferRules(spec: DatasetSpec, versions: readonly VersionSeen[]): Proposal[] {
  const [reference] = versions;
  if (!reference) return [];
  const found: Proposal[] = [];
  for (const [name, column] of Object.entries(spec.columns)) {
    const seen = reference.columns[name];
    // What is kept of a private value says nothing about the value that came.
    if (!seen || column.privacy?.action === 'drop') continue;
    if (!column.privacy) found.push(...ofRange(name, column, seen), ...ofValues(name, column, seen));
    found.push(...ofNulls(spec, name, seen));
  }
  return [...found, ...inferChecks(spec, versions)];
}

function ofRange(name: string, column: Column, { type, count, min, max }: ColumnProfile): Proposal[] {
  if (typeof min !== 'number' || typeof max !== 'number' || count < FEWEST_VALUES) return [];
  // A number that names something has no range: the next one is the next one.
  if (!['feature', 'target'].includes(column.role) || (type !== 'double' && type !== 'integer')) return [];
  const bounds = boundsAround({ min, max }, type === 'integer');
  if (!bounds) return [];
  const reason = `of ${count} values the smallest is ${min} and the largest ${max}`;
  const found: Proposal[] = [];
  if (column.min === undefined || column.min > min)
    found.push({ column: name, field: 'min', value: bounds.min, reason });
  if (column.max === undefined || column.max < max)
    found.push({ column: name, field: 'max', value: bounds.max, reason });
  return found;
}

function ofValues(name: string, column: Column, { type, count, distinct, top = [] }: ColumnProfile): Proposal[] {
  if (type !== 'string' || !['feature', 'target'].includes(column.role)) return [];
  if (distinct === undefined || distinct === 0 || distinct > top.length) return [];
  const known = column.values ?? [];
  const unknown = top.filter(({ value }) => !known.includes(value));
  if (unknown.length === 0 || top.some(({ value }) => value === '' || value.length >= SHOWN)) return [];
  if (column.values)
    return [
      {
        ...{ column: name, field: 'values', value: [...known, ...unknown.map(({ value }) => value).sort()] },
        reason: `${unknown.map(({ value }) => value).join(', ')} stand in ${unknown.reduce((sum, each) => sum + each.count, 0)} rows`,
      },
    ];
  // A pattern is the list's better half where somebody wrote one.
  if (column.pattern || count < FEWEST_VALUES || top.some((each) => each.count < FEWEST_OF_A_TEXT)) return [];
  const rarest = Math.min(...top.map((each) => each.count));
  return [
    {
      ...{ column: name, field: 'values', value: top.map(({ value }) => value).sort() },
      reason: `${count} texts are one of ${distinct}, the rarest stands in ${rarest} rows`,
    },
  ];
}

function ofNulls(spec: DatasetSpec, name: string, { nulls, count }: ColumnProfile): Proposal[] {
  const column = spec.columns[name] as Column;
  const named = [...identityOf(spec.columns), spec.split.by, spec.partition?.by].includes(name);
  if (nulls === 0 || column.nullable || named || ['key', 'group', 'timestamp'].includes(column.role)) return [];
  return [{ column: name, field: 'nullable', value: true, reason: `${nulls} of ${count + nulls} fields are empty` }];
}
