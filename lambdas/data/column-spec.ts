import * as z from 'zod';
import { Level } from './check-spec.ts';
import { Privacy } from './privacy-spec.ts';

export const COLUMN_TYPES = ['string', 'double', 'integer', 'boolean', 'date', 'timestamp'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/**
 * `key`: names a row. `group`: the thing whose rows form a series. `timestamp`: the place in the series.
 * `subject`: the person (or other subject) whom a row is about. `ignored`: kept, and used by nothing.
 */
export const COLUMN_ROLES = ['feature', 'target', 'key', 'timestamp', 'group', 'subject', 'ignored'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** One column: what a value must be. Integers are whole numbers that a double holds exactly (at most 2^53 - 1). */
export const Column = z.strictObject({
  type: z.enum(COLUMN_TYPES),
  role: z.enum(COLUMN_ROLES),
  description: z.string().max(500).optional(),
  /** Written for people: `mm`, `°C`, `m/s`. */
  unit: z.string().min(1).max(32).optional(),
  /** Smallest and largest allowed number, both inclusive. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** The only allowed texts. */
  values: z.array(z.string().min(1).max(256)).min(1).max(1000).optional(),
  /** RE2 expression that all of a text must match. */
  pattern: z.string().min(1).max(500).optional(),
  /** Whether an empty field is allowed. @default false */
  nullable: z.boolean().optional(),
  /** What a broken rule of this column does; a value of another type can at least not be taken. @default quarantine */
  level: Level.optional(),
  /** What is done to the value before anything is kept. @default it is kept as it is */
  privacy: Privacy.optional(),
});
export type Column = z.output<typeof Column>;

export const isTemporal = (type: ColumnType) => type === 'date' || type === 'timestamp';
