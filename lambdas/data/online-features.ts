import type { Table } from '../shared/table.ts';
import { requireDataset, specOf } from './dataset-head.ts';
import { type ColumnType, curatedColumns } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import type { FeatureValue, FeatureValues, NamedSet, OnlineFeatures } from './feature-answers.ts';
import type { EntityValues } from './feature-routes.ts';
import { featureSpecOf, requireFeatureSet } from './feature-set.ts';
import { onlineRow } from './online-table.ts';

interface Stores {
  table: Table;
  online: Table;
}

/**
 * What the online table has of some entities, in their order.
 * @throws FeatureSetMissing
 * @throws EntityInvalid when one is not named by the set's entity columns, each with a value of its type
 */
export async function readFeatures(
  { table, online }: Stores,
  { workspace, set, entities }: NamedSet & { entities: readonly EntityValues[] },
): Promise<{ entities: OnlineFeatures[] }> {
  const named = { workspace, set };
  const { definition } = await requireFeatureSet(table, named);
  const spec = await featureSpecOf(table, workspace, definition);
  const dataset = await requireDataset(table, workspace, spec.dataset);
  const columns = curatedColumns((await specOf(table, workspace, dataset.spec)).columns);
  const typed = entities.map((each, i) =>
    entityOf(
      each,
      spec.entity.map((name) => [name, columns[name]?.type ?? 'string']),
      `entities.${i}`,
    ),
  );
  return { entities: await Promise.all(typed.map((entity) => featuresOf(online, named, entity))) };
}

async function featuresOf(online: Table, named: NamedSet, entity: FeatureValues): Promise<OnlineFeatures> {
  const row = await onlineRow(online, named, entity);
  if (!row?.values) return { entity };
  const { values, asOf, definition, version, number } = row;
  return { entity, values, asOf: asOf as string, definition, version, number };
}

/** What a value of each type looks like as text, and what it is then. */
const READ: Record<ColumnType, (text: string) => FeatureValue | undefined> = {
  string: (text) => text,
  double: (text) => finite(text),
  integer: (text) => (/^[+-]?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined),
  boolean: (text) => (/^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined),
  date: (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) && isoOf(text) ? text : undefined),
  timestamp: (text) =>
    /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z?$/.test(text) ? instantOf(text) : undefined,
};

const finite = (text: string) =>
  text.trim() === text && text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
const isoOf = (day: string) => !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);

/** As the online table writes times: six decimals, UTC. */
function instantOf(text: string): string | undefined {
  const [, day = '', time = '', fraction = ''] = /^(\S{10})[T ](\S{8})(?:\.(\d+))?Z?$/.exec(text) ?? [];
  if (Number.isNaN(Date.parse(`${day}T${time}Z`)) || !isoOf(day)) return undefined;
  return `${day}T${time}.${fraction.padEnd(6, '0')}Z`;
}

/** An entity in its columns' types. @throws EntityInvalid */
export function entityOf(
  given: EntityValues,
  columns: readonly (readonly [name: string, type: ColumnType])[],
  at: string,
): FeatureValues {
  const names = columns.map(([name]) => name);
  const other = Object.keys(given).find((name) => !names.includes(name));
  if (other !== undefined)
    throw DataErrors.EntityInvalid(`${at}: got ${other}, an entity of the set has ${names.join(', ')}`);
  return Object.fromEntries(
    columns.map(([name, type]) => {
      const value = given[name];
      if (value === undefined)
        throw DataErrors.EntityInvalid(`${at}: got no ${name}, an entity of the set has ${names.join(', ')}`);
      const read = READ[type](String(value));
      if (read === undefined)
        throw DataErrors.EntityInvalid(`${at}.${name}: got ${JSON.stringify(value)}, expected one of type ${type}`);
      return [name, read];
    }),
  );
}
