import { PlatformError } from '../shared/errors.ts';
import { checkMetricName } from '../tracking/contract.ts';

/** Values of metrics by step, as a training measured them; null stands for NaN, which JSON has no word for. */
export type MetricHistories = Readonly<Record<string, readonly (readonly [step: number, value: number | null])[]>>;

/** What a training measured of itself. */
export interface Measured {
  /** Of the platform's own trainer the loss before each step, mean a row. */
  histories?: MetricHistories;
  /** Why a script's histories are not there. */
  historiesRefused?: string;
}

/** What a training script may leave beside its model: a header, then a line a step. */
export const METRICS_FILE = 'metrics.csv';

const MOST_BYTES = 1024 * 1024;
const MOST_COLUMNS = 100;
const MOST_VALUES = 10_000;
const MOST_CHARACTERS = 64;
const NUMBER = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;
const INFINITY = /^([-+]?)inf(inity)?$/i;

/** A loss before each step. */
export const lossHistory = (losses: readonly number[]): MetricHistories => ({
  training_loss: losses.map((loss, step) => [step, loss]),
});

/**
 * Histories in the form that loggers of training frameworks write: a column a metric, an empty cell where a step has
 * none, and a column `step`, without which lines count from 0. Infinities are kept as the largest double, as MLflow does.
 * What is wrong with a file is said in words: a model is worth more than its curves.
 */
export function readMetricsFile(bytes: Uint8Array): Measured {
  try {
    return { histories: historiesIn(bytes) };
  } catch (error) {
    if (error instanceof FileRefused) return { historiesRefused: `${METRICS_FILE}: ${error.message.slice(0, 300)}` };
    throw error;
  }
}

class FileRefused extends Error {}

function historiesIn(bytes: Uint8Array): MetricHistories {
  if (bytes.length > MOST_BYTES) throw new FileRefused(`has ${bytes.length} bytes, at most ${MOST_BYTES} are read`);
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\ufeff/, '');
  const [header = '', ...lines] = text.split(/\r?\n/);
  const names = cellsOf(header);
  checkHeader(names);
  const stepAt = names.indexOf('step');
  const histories = new Map<string, [number, number | null][]>();
  let count = 0;
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const cells = cellsOf(line);
    const at = `line ${i + 2}`;
    if (cells.length !== names.length)
      throw new FileRefused(`${at}: has ${cells.length} cells, its header has ${names.length}`);
    const step = stepAt < 0 ? i : stepIn(cells[stepAt] ?? '', at);
    for (const [column, name] of names.entries()) {
      const cell = cells[column] ?? '';
      if (column === stepAt || cell === '') continue;
      count++;
      if (count > MOST_VALUES)
        throw new FileRefused(`${at}: is beyond ${MOST_VALUES} values, which are all that are kept`);
      const history = histories.get(name) ?? [];
      history.push([step, valueIn(cell, `${at}, ${name}`)]);
      histories.set(name, history);
    }
  }
  return Object.fromEntries(histories);
}

/** A cell's quotes say nothing, as no name or number has a comma in it. */
const cellsOf = (line: string): string[] => line.split(',').map((cell) => cell.trim().replace(/^"([^"]*)"$/, '$1'));

function checkHeader(names: readonly string[]): void {
  if (names.length > MOST_COLUMNS)
    throw new FileRefused(`line 1: names ${names.length} columns, at most ${MOST_COLUMNS} are read`);
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) !== i) throw new FileRefused(`line 1: names ${JSON.stringify(name)} twice`);
    try {
      checkMetricName(name);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      throw new FileRefused(`line 1: ${error.message}`, { cause: error });
    }
  }
}

function stepIn(cell: string, at: string): number {
  const step = isNumber(cell) ? Number(cell) : Number.NaN;
  if (Number.isSafeInteger(step)) return step;
  throw new FileRefused(`${at}, step: got ${JSON.stringify(cell.slice(0, 80))}, expected a whole number`);
}

const isNumber = (cell: string): boolean => cell.length <= MOST_CHARACTERS && NUMBER.test(cell);

function valueIn(cell: string, at: string): number | null {
  if (/^[-+]?nan$/i.test(cell)) return null;
  const [infinity, sign] = INFINITY.exec(cell) ?? [];
  if (infinity) return sign === '-' ? -Number.MAX_VALUE : Number.MAX_VALUE;
  if (isNumber(cell)) return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(cell)));
  throw new FileRefused(`${at}: got ${JSON.stringify(cell.slice(0, 80))}, expected a number`);
}
