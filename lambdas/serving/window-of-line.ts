import { latencyBucket } from './latency.ts';
import type { BinCounts, PredictionLine } from './request-line.ts';
import { emptyWindow, type WindowStats } from './window.ts';

/** The window of one request: merging these gives the window of all of them. */
export function windowOfLine(line: PredictionLine): WindowStats {
  // A request that was refused or failed predicted nothing, whatever it carried.
  const predicted = line.status < 400 || line.nan > 0;
  return {
    ...emptyWindow(),
    requests: 1,
    rows: predicted ? line.rows : 0,
    errors4xx: line.status >= 400 && line.status < 500 ? 1 : 0,
    errors5xx: line.status >= 500 ? 1 : 0,
    latency: { [latencyBucket(line.ms)]: 1 },
    nan: line.nan,
    features: Object.fromEntries(Object.entries(line.features).map(([name, counts]) => [name, dense(counts)])),
    outputs: dense(line.outputs),
    answers: line.answers,
  };
}

/** Pairs of bin and count as counts by bin. */
function dense(counts: BinCounts): number[] {
  const bins: number[] = [];
  for (let i = 0; i < counts.length; i += 2) {
    const bin = counts[i] as number;
    while (bins.length <= bin) bins.push(0);
    bins[bin] = (bins[bin] as number) + (counts[i + 1] as number);
  }
  return bins;
}
