import { latencyQuantile } from './latency.ts';
import type { RolloutSettings } from './rollout-settings.ts';
import type { Decision, Verdict, VersionEvidence } from './verdict.ts';
import type { WindowStats } from './window.ts';

export interface StepEvidence {
  settings: RolloutSettings;
  /** Seconds since the step began. */
  elapsed: number;
  /** Percent of the traffic that the candidate is given. */
  weight: number;
  live: { functionVersion: string; stats: WindowStats };
  candidate: { functionVersion: string; stats: WindowStats };
  /** How the golden set came out when it was replayed for want of requests. */
  replay?: { passed: boolean; reason?: string };
}

/** Two failed requests are the least that is no accident. */
const LEAST_FAILURES = 2;
/**
 * Milliseconds below which no ratio of latencies means anything: a warm prediction takes a fraction of one, so a
 * garbage collection would be a hundredfold.
 */
const LATENCY_FLOOR_MS = 25;
/** Requests that were the candidate's share: with ten expected, none at all is chance once in 22,000 steps. */
const SHARE_TO_MISS = 10;
/** A step that waits for requests ends at last: no execution lives for ever. */
const HOLD_LIMIT_SECONDS = 24 * 3600;

/**
 * Judges a step by what both versions did over the same time. A breach of errors or NaN takes the candidate back at
 * once, however few its requests; latency and output shift are judged when the step has baked and has requests enough.
 */
export function judge(evidence: StepEvidence): Omit<Verdict, 'at'> {
  const { settings, live, candidate } = evidence;
  const shift = outputShift(live.stats, candidate.stats);
  const seen = { live: evidenceOf(live), candidate: evidenceOf(candidate), outputShift: shift };
  const verdict = (decision: Decision, reason: string) => ({ decision, reason, ...seen });
  const breach = earlyBreach(settings, candidate.stats) ?? silence(evidence) ?? lateBreach(evidence, shift);
  if (breach) return verdict('roll-back', breach);
  if (evidence.elapsed < settings.bakeSeconds) return verdict('hold', 'the step is still being watched');
  if (isEnough(evidence)) return verdict('proceed', 'within every limit');
  const count = `${candidate.stats.requests} requests of ${settings.minRequests}`;
  if (settings.onTooFew === 'proceed') return verdict('proceed', `too few to judge (${count}), which the spec accepts`);
  if (evidence.replay) {
    const { passed, reason } = evidence.replay;
    return passed
      ? verdict('proceed', `too few to judge (${count}), and the golden set passed again`)
      : verdict('roll-back', `too few to judge (${count}), and the golden set failed: ${reason}`);
  }
  return evidence.elapsed < HOLD_LIMIT_SECONDS
    ? verdict('hold', `waits for requests (${count})`)
    : verdict('roll-back', `too few requests in ${HOLD_LIMIT_SECONDS / 3600} hours (${count})`);
}

const isEnough = ({ settings, candidate }: StepEvidence): boolean => candidate.stats.requests >= settings.minRequests;

/** Whether there is nothing left to do but to ask the golden set. */
export const wantsReplay = (evidence: StepEvidence): boolean =>
  evidence.settings.onTooFew === 'replayGolden' &&
  evidence.elapsed >= evidence.settings.bakeSeconds &&
  !isEnough(evidence);

function earlyBreach({ maxErrorRate }: RolloutSettings, { requests, rows, errors5xx, nan }: WindowStats) {
  const rules = [
    { what: 'requests failed', failed: errors5xx, of: requests },
    { what: 'rows had no finite answer', failed: nan, of: Math.max(rows, nan) },
  ];
  const broken = rules.find(({ failed, of }) => failed >= LEAST_FAILURES && failed / of > maxErrorRate);
  return broken && `${broken.failed} of ${broken.of} ${broken.what}, at most ${percent(maxErrorRate)} may`;
}

/** A version that dies before it answers writes no line: what is missing is its share of the requests. */
function silence({ settings, elapsed, weight, live, candidate }: StepEvidence): string | undefined {
  if (elapsed < settings.bakeSeconds || candidate.stats.requests > 0 || weight >= 100) return undefined;
  const share = (live.stats.requests * weight) / (100 - weight);
  return share >= SHARE_TO_MISS
    ? `no answer was seen where about ${Math.round(share)} requests were its share`
    : undefined;
}

function lateBreach(evidence: StepEvidence, shift: number): string | undefined {
  const { settings, live, candidate, elapsed } = evidence;
  if (elapsed < settings.bakeSeconds || !isEnough(evidence)) return undefined;
  const quantile = judgedQuantile(candidate.stats.requests);
  const before = latencyQuantile(live.stats.latency, quantile);
  const now = latencyQuantile(candidate.stats.latency, quantile);
  if (
    before !== undefined &&
    now !== undefined &&
    now > Math.max(LATENCY_FLOOR_MS, settings.maxLatencyRatio * before)
  ) {
    return `p${Math.round(quantile * 100)} latency is ${now.toFixed(1)} ms against ${before.toFixed(1)} ms, at most ${settings.maxLatencyRatio} times is allowed`;
  }
  if (shift > settings.maxOutputShift) {
    return `answers shifted by ${shift.toFixed(3)} (PSI), at most ${settings.maxOutputShift} is allowed`;
  }
  return undefined;
}

/**
 * The highest quantile up to the 99th that at least five requests lie above: of 20 requests the p99 is the slowest one,
 * which says more about the machine than about the model.
 */
const judgedQuantile = (requests: number): number => Math.max(0.5, Math.min(0.99, 1 - 5 / requests));

function evidenceOf({ functionVersion, stats }: StepEvidence['live']): VersionEvidence {
  const { requests, rows, errors5xx, nan } = stats;
  return {
    functionVersion,
    requests,
    rows,
    errorRate: requests === 0 ? 0 : errors5xx / requests,
    nanRate: rows === 0 ? 0 : nan / rows,
    latencyP99: latencyQuantile(stats.latency, 0.99),
  };
}

/** Answers below which a share of them says nothing. */
const LEAST_ANSWERS = 20;

/**
 * Population stability index of the two versions' answers over bins that are the same for every bundle, half a count
 * added to each, less its expectation under equality, (bins - 1) (1/n + 1/m): few answers differ by chance alone.
 */
export function outputShift(live: Pick<WindowStats, 'answers'>, candidate: Pick<WindowStats, 'answers'>): number {
  const bins = [...new Set([...Object.keys(live.answers), ...Object.keys(candidate.answers)])];
  const total = (answers: Record<string, number>) => Object.values(answers).reduce((sum, count) => sum + count, 0);
  const [n, m] = [total(live.answers), total(candidate.answers)];
  if (n < LEAST_ANSWERS || m < LEAST_ANSWERS) return 0;
  const share = (answers: Record<string, number>, bin: string, of: number) =>
    ((answers[bin] ?? 0) + 0.5) / (of + bins.length / 2);
  const index = bins.reduce((sum, bin) => {
    const [p, q] = [share(live.answers, bin, n), share(candidate.answers, bin, m)];
    return sum + (q - p) * Math.log(q / p);
  }, 0);
  return Math.max(0, index - (bins.length - 1) * (1 / n + 1 / m));
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** A step is looked at five times while it bakes, but not more often than a window is long. */
const looks = ({ bakeSeconds }: RolloutSettings) => Math.max(10, Math.ceil(bakeSeconds / 5));
export const firstLookSeconds = (settings: RolloutSettings): number => Math.min(settings.bakeSeconds, looks(settings));

/**
 * Seconds until the next look: until it has baked by fifths, and from then on a tenth of the time it has waited, so that a
 * day of waiting is a hundred looks (an execution's history is limited).
 */
export function nextLookSeconds(settings: RolloutSettings, elapsed: number): number {
  const left = Math.ceil(settings.bakeSeconds - elapsed);
  return left > 0
    ? Math.min(left, looks(settings))
    : Math.max(Math.min(5, settings.bakeSeconds), Math.ceil(elapsed / 10));
}
