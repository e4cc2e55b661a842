import { type Column, MISSING, numberColumn, TextColumn } from './index-column.ts';
import type { RunRow } from './run-row.ts';
import type { Entity } from './search-scope.ts';

/** Columns by key. Metrics are numbers, params and tags texts. */
export interface RunColumns {
  metric: Map<string, Column<Float64Array>>;
  parameter: Map<string, TextColumn>;
  tag: Map<string, TextColumn>;
  /** `run_name`, `user_id`, `status`, `artifact_uri`; `datasets` as JSON. */
  text: Map<string, TextColumn>;
  /** `start_time`, `end_time`, `stage` (see STAGES), `era`. */
  number: Map<string, Column<Float64Array>>;
}

/** As the column `stage` has them. `gone` is a row whose run is no more. */
export const STAGES = { active: 0, deleted: 1, gone: 2 } as const;

export const emptyColumns = (): RunColumns => ({
  metric: new Map(),
  parameter: new Map(),
  tag: new Map(),
  text: new Map(),
  number: new Map(),
});

/** The runs of one experiment by column, as of a moment. */
export class RunIndex {
  readonly columns: RunColumns;
  /** By row. */
  readonly runIds: string[];
  /** Milliseconds: what changed before is in it. */
  position: number;
  readonly #rowOf: Map<string, number>;

  constructor(position: number, runIds: string[] = [], columns: RunColumns = emptyColumns()) {
    this.position = position;
    this.runIds = runIds;
    this.columns = columns;
    this.#rowOf = new Map(runIds.map((runId, row) => [runId, row]));
  }

  /** Rows, those of runs that are gone among them. */
  get size(): number {
    return this.runIds.length;
  }

  rowOf(runId: string): number | undefined {
    return this.#rowOf.get(runId);
  }

  put(run: RunRow): void {
    let row = this.#rowOf.get(run.runId);
    if (row === undefined) {
      row = this.runIds.push(run.runId) - 1;
      this.#rowOf.set(run.runId, row);
    }
    this.#putTexts('parameter', row, run.params);
    this.#putTexts('tag', row, run.tags);
    this.#putTexts('text', row, {
      run_name: run.name,
      user_id: run.userId,
      status: run.status,
      artifact_uri: run.artifactUri,
      ...(run.datasets.length > 0 && { datasets: JSON.stringify(run.datasets) }),
    });
    this.#putNumbers('metric', row, run.metrics);
    const { startTime: start_time, endTime: end_time, era } = run;
    this.#putNumbers('number', row, { start_time, end_time, era, stage: STAGES[run.stage] });
  }

  remove(runId: string): void {
    const row = this.#rowOf.get(runId);
    if (row !== undefined) this.#putNumbers('number', row, { stage: STAGES.gone });
  }

  /** A value as the grammar's clauses name it. Datasets have several: see `datasetsOf`. */
  field(row: number, entity: Entity, key: string): string | number | undefined {
    if (entity === 'attribute' && key === 'run_id') return this.runIds[row];
    const numbers = this.numbers(entity, key);
    if (numbers) {
      const value = numbers.get(row);
      return value === MISSING ? undefined : value;
    }
    return this.texts(entity, key)?.get(row);
  }

  numbers(entity: Entity, key: string): Column<Float64Array> | undefined {
    if (entity === 'metric') return this.columns.metric.get(key);
    return entity === 'attribute' ? this.columns.number.get(key) : undefined;
  }

  texts(entity: Entity, key: string): TextColumn | undefined {
    if (entity === 'parameter' || entity === 'tag') return this.columns[entity].get(key);
    if (entity === 'dataset') return this.columns.text.get('datasets');
    return entity === 'attribute' ? this.columns.text.get(key) : undefined;
  }

  /** Bytes of memory that it takes, roughly. */
  get bytes(): number {
    const all = Object.values(this.columns).flatMap((columns: RunColumns['tag'] | RunColumns['metric']) => [
      ...columns.values(),
    ]);
    return all.reduce((sum, { bytes }) => sum + bytes + 200, this.runIds.length * 120);
  }

  #putTexts(of: 'parameter' | 'tag' | 'text', row: number, values: Readonly<Record<string, string>>): void {
    const columns = this.columns[of];
    for (const key of Object.keys(values)) if (!columns.has(key)) columns.set(key, new TextColumn());
    for (const [key, column] of columns) {
      column.set(row, Object.hasOwn(values, key) ? values[key] : undefined, this.size);
    }
  }

  #putNumbers(of: 'metric' | 'number', row: number, values: Readonly<Record<string, number | undefined>>): void {
    const columns = this.columns[of];
    for (const key of Object.keys(values)) if (!columns.has(key)) columns.set(key, numberColumn());
    for (const [key, column] of columns) {
      const value = Object.hasOwn(values, key) ? values[key] : undefined;
      column.set(row, value === undefined ? MISSING : finite(value), this.size);
    }
  }
}

/** As MLflow stores infinities. NaN stays. */
const finite = (value: number): number => Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));
