import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** One day of one city, in the file's own words. */
export interface Day {
  location: string;
  date: string;
  precipitation: number;
  temp_max: number;
  temp_min: number;
  wind: number;
  weather: string;
}

const HEADER = 'location,date,precipitation,temp_max,temp_min,wind,weather';

/** Daily weather of Seattle and New York, 2012 to 2015: `weather.csv` of the package vega-datasets (BSD-3-Clause). */
export async function readWeather(): Promise<Day[]> {
  const file = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data/weather.csv');
  const [header, ...lines] = (await readFile(file, 'utf8')).trim().split('\n');
  if (header?.trim() !== HEADER) throw new Error(`${file}: the header is ${header}, expected ${HEADER}`);
  return lines.map((line) => {
    const [location = '', date = '', precipitation, temp_max, temp_min, wind, weather = ''] = line.trim().split(',');
    return {
      location,
      date,
      precipitation: Number(precipitation),
      temp_max: Number(temp_max),
      temp_min: Number(temp_min),
      wind: Number(wind),
      weather,
    };
  });
}

export const daysOf = (days: readonly Day[], location: string, from: string, to: string): Day[] =>
  days.filter((day) => day.location === location && day.date >= from && day.date <= to);

export const asCsv = (days: readonly Day[]): string =>
  `${[HEADER, ...days.map((day) => [day.location, day.date, day.precipitation, day.temp_max, day.temp_min, day.wind, day.weather].join(','))].join('\n')}\n`;
