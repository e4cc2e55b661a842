import type { Table } from '../shared/table.ts';
import { appliedSpec } from '../training/contract.ts';

/** How a version goes out. The numbers' meaning and units stand with the model spec (training). */
export interface RolloutSettings {
  steps: number[];
  bakeSeconds: number;
  minRequests: number;
  onTooFew: 'hold' | 'replayGolden' | 'proceed';
  maxErrorRate: number;
  maxLatencyRatio: number;
  maxOutputShift: number;
}

/** For a model that no spec was applied for: the spec's own defaults. */
export const DEFAULT_SETTINGS: RolloutSettings = {
  steps: [10, 100],
  bakeSeconds: 300,
  minRequests: 100,
  onTooFew: 'replayGolden',
  maxErrorRate: 0.01,
  maxLatencyRatio: 2,
  maxOutputShift: 0.5,
};

/** The settings that a rollout beginning now goes by. */
export async function settingsFor(table: Table, ws: string, model: string): Promise<RolloutSettings> {
  const applied = await appliedSpec(table, ws, model);
  return applied ? applied.spec.rollout : DEFAULT_SETTINGS;
}

/** The shares below 100 %: those are judged. Everything is what completion is. */
export const sharedSteps = ({ steps }: RolloutSettings): number[] => steps.filter((step) => step < 100);
