import * as z from 'zod';
import { METRICS } from './metrics.ts';

/** Whom a version must beat: the constant training rate, "as now", or the version that is live. */
const RIVALS = ['base-rate', 'persistence', 'champion'] as const;

/**
 * One line of a spec's `gate`: the metric's improvement over a rival, with confidence.
 *
 * `by` asks to be better: the whole interval lies above `by`. `mayBeWorseBy` asks not to be worse: the whole interval
 * lies at or above -`mayBeWorseBy`. With neither, `by` is 0.
 */
export const GateRule = z
  .strictObject({
    /** @default `<metric> against <rival>` */
    name: z.string().min(1).max(100).optional(),
    metric: z.enum(METRICS),
    against: z.enum(RIVALS),
    by: z.number().min(0).optional(),
    mayBeWorseBy: z.number().min(0).optional(),
    /** Level of the two-sided bootstrap interval. */
    confidence: z.number().min(0.5).max(0.999).default(0.95),
    /** Whether the rule holds in every group by itself, not only over all rows. */
    everyGroup: z.boolean().default(false),
  })
  .refine(
    ({ by, mayBeWorseBy }) => by === undefined || mayBeWorseBy === undefined,
    'expected by or mayBeWorseBy, not both',
  );
export type GateRule = z.output<typeof GateRule>;

/** Every level that the rules ask for, for the evaluation to compute. */
export const confidenceLevels = (rules: readonly GateRule[]): number[] => [
  ...new Set(rules.map(({ confidence }) => confidence)),
];
