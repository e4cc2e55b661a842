import type { Check, Level } from './check-spec.ts';
import type { DatasetSpec } from './dataset-spec.ts';
import { sqlName } from './sql-text.ts';

/** A check of the spec that a row keeps or breaks by itself, as SQL over its typed columns. */
export interface RowCheck {
  name: string;
  rule: 'sql' | 'reference';
  level: Level;
  /** Never NULL: a row for which a condition cannot be told, or that it fails on, does not break it. */
  holds: string;
  /** The columns to show of a row that breaks it. */
  columns: string[];
}

/** The table with the values that a reference check allows, as texts in column `value`. */
export const referenceTable = (check: Pick<Check, 'name'>): string => sqlName(`_allowed_${check.name}`);

export function rowChecks({ checks = [] }: Pick<DatasetSpec, 'checks'>): RowCheck[] {
  return checks.flatMap((check): RowCheck[] => {
    const { name, level } = check;
    if (check.rule === 'sql')
      return [{ name, rule: 'sql', level, holds: `coalesce(TRY((\n${check.where}\n)), true)`, columns: [] }];
    if (check.rule !== 'reference') return [];
    const value = sqlName(check.column);
    const holds = `coalesce(${value} IS NULL OR ${value}::VARCHAR IN (SELECT value FROM ${referenceTable(check)}), false)`;
    return [{ name, rule: 'reference', level, holds, columns: [check.column] }];
  });
}

/** What stands in DuckDB's syntax tree of a condition that does more than look at one row. */
const FORBIDDEN_CLASSES = ['SUBQUERY', 'WINDOW', 'PARAMETER', 'STAR'];
/** Scalar functions whose answer is of the moment or the machine, or that make more rows of one, whatever DuckDB calls them. */
const FORBIDDEN_FUNCTIONS =
  /^(unnest|generate_subscripts|getvariable|getenv|current_|get_current|age|transaction_timestamp|txid_current|version|write_log|error|random|gen_random|uuid|now|today|nextval|currval|read_|glob|query)/i;

interface Tree {
  class?: string;
  column_names?: string[];
  function_name?: string;
}

/**
 * Why a condition cannot be a check, or undefined when it can: it must be one expression over one row, whose answer is
 * the same whenever it is asked.
 * @param columns what it may name: anything else without parentheses, such as current_date, is a function in disguise
 * @param functions scalar functions that always answer the same
 * @param tree what `json_serialize_sql` makes of `SELECT (<condition>) FROM _rows`
 */
export function refusedCondition(
  tree: unknown,
  columns: readonly string[],
  functions: ReadonlySet<string>,
): string | undefined {
  const { error, error_message, statements } = tree as {
    error?: boolean;
    error_message?: string;
    statements?: { node: Record<string, unknown> }[];
  };
  if (error) return (error_message ?? 'it cannot be parsed').split('\n')[0];
  const [statement, ...more] = statements ?? [];
  const node = statement?.node;
  const from = node?.['from_table'] as { type?: string; table_name?: string } | undefined;
  const plain =
    more.length === 0 &&
    node?.['type'] === 'SELECT_NODE' &&
    (node['select_list'] as unknown[]).length === 1 &&
    from?.type === 'BASE_TABLE' &&
    from.table_name === '_rows' &&
    node['where_clause'] === null &&
    node['having'] === null &&
    (node['modifiers'] as unknown[]).length === 0;
  if (!plain) return 'it is more than one expression';
  const known = new Set(columns.map((name) => name.toLowerCase()));
  let reason: string | undefined;
  JSON.stringify(node, (_key, value: Tree | null) => {
    if (value && typeof value === 'object') {
      if (value.class && FORBIDDEN_CLASSES.includes(value.class)) reason ??= `it has a ${value.class.toLowerCase()}`;
      const called = value.class === 'FUNCTION' ? value.function_name?.toLowerCase() : undefined;
      if (called !== undefined && (FORBIDDEN_FUNCTIONS.test(called) || !functions.has(called)))
        reason ??= `it calls ${called}`;
      const name = value.class === 'COLUMN_REF' ? value.column_names?.join('.') : undefined;
      if (name !== undefined && !known.has(name.toLowerCase())) reason ??= `it names ${name}, which is no column`;
    }
    return value;
  });
  return reason;
}
