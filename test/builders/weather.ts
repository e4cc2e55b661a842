import { readFileSync } from 'node:fs';
import type { FeatureTable } from '../../lambdas/training/feature-table.ts';

const FEATURES = ['precipitation', 'temp_max', 'temp_min', 'wind'] as const;

export type City = 'Seattle' | 'New York';

/** Days of a city with the question "will it rain tomorrow?". */
export interface WeatherDays {
  readonly table: FeatureTable;
  /** 1 where the next day had rain. */
  readonly labels: Float64Array;
  /** 1 where the day itself had rain. */
  readonly rainedToday: Float64Array;
}

/**
 * Daily weather of the package vega-datasets (BSD-3-Clause), 2012 to 2015. The last day of the last year asked for has
 * no tomorrow within these years and is left out.
 */
export function weatherDays(city: City, first: number, last: number): WeatherDays {
  const text = readFileSync(new URL('../../node_modules/vega-datasets/data/weather.csv', import.meta.url), 'utf8');
  const [header, ...lines] = text.trim().split('\n');
  const names = header!.trim().split(',');
  const at = (line: readonly string[], name: string) => line[names.indexOf(name)]!;
  const days = lines
    .map((line) => line.trim().split(','))
    .filter((line) => at(line, 'location') === city)
    .filter((line) => Number(at(line, 'date').slice(0, 4)) >= first && Number(at(line, 'date').slice(0, 4)) <= last);
  const rained = Float64Array.from(days, (day) => (Number(at(day, 'precipitation')) > 0 ? 1 : 0));
  return {
    table: {
      names: FEATURES,
      columns: FEATURES.map((name) => Float64Array.from(days.slice(0, -1), (day) => Number(at(day, name)))),
    },
    labels: rained.slice(1),
    rainedToday: rained.slice(0, -1),
  };
}

/** The days of several cities, one after the other. */
export function joinDays(...parts: readonly WeatherDays[]): WeatherDays {
  const join = (arrays: readonly Float64Array[]) => Float64Array.from(arrays.flatMap((array) => Array.from(array)));
  return {
    table: { names: FEATURES, columns: FEATURES.map((_, j) => join(parts.map(({ table }) => table.columns[j]!))) },
    labels: join(parts.map(({ labels }) => labels)),
    rainedToday: join(parts.map(({ rainedToday }) => rainedToday)),
  };
}
