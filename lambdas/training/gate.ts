import type { Evaluation, Judgement } from './evaluation.ts';
import type { GateRule } from './gate-rule.ts';
import type { Interval } from './paired-bootstrap.ts';

/** One rule's answer with its evidence; plain JSON. */
export interface GateCheck {
  readonly name: string;
  readonly passed: boolean;
  /** The improvement over the rival, above 0 is better; null where it could not be computed. */
  readonly observed: number | null;
  /** null where it could not be computed. */
  readonly interval: Interval | null;
  /** What the interval's lower end is held against. */
  readonly bound: number;
  /** The rule and what came of it, for people. */
  readonly rule: string;
}

export interface GateResult {
  readonly passed: boolean;
  readonly checks: readonly GateCheck[];
}

/**
 * Holds an evaluation against a spec's rules. All checks run, so that the evidence is complete. What could not be
 * computed never passes; only a rule against a champion passes where there is no champion yet.
 */
export function runGate(rules: readonly GateRule[], evaluation: Evaluation): GateResult {
  const checks = rules.flatMap((rule) => scopesOf(rule, evaluation).map(([group, found]) => check(rule, group, found)));
  return { passed: checks.length > 0 && checks.every(({ passed }) => passed), checks };
}

type Scope = readonly [group: string | undefined, judgement: Judgement];

const scopesOf = ({ everyGroup }: GateRule, evaluation: Evaluation): Scope[] =>
  everyGroup && evaluation.groups ? Object.entries(evaluation.groups) : [[undefined, evaluation]];

function check(rule: GateRule, group: string | undefined, { rivals, metrics }: Judgement): GateCheck {
  const { metric, against, by = 0, mayBeWorseBy, confidence } = rule;
  const where = group === undefined ? '' : ` in ${group}`;
  const name = `${rule.name ?? `${metric} against ${against}`}${where}`;
  const bound = mayBeWorseBy === undefined ? by : -mayBeWorseBy;
  const wish =
    mayBeWorseBy === undefined
      ? `better than ${against} by more than ${by}`
      : `not worse than ${against} by more than ${mayBeWorseBy}`;
  const text = `${metric}${where} ${wish}, ${confidence * 100} % interval`;
  // Own members only: a rival that is missing must not be found on the prototype.
  const rival = Object.hasOwn(rivals, against) ? rivals[against] : undefined;
  if (rival === undefined) {
    const first = against === 'champion';
    const why = first ? 'there is no champion yet' : `${against} was not evaluated`;
    return { name, passed: first, observed: null, interval: null, bound, rule: `${text}: ${why}` };
  }
  const improvement = rival.improvements[metric];
  const interval = improvement.intervals.find(({ level }) => level === confidence);
  if (improvement.value === undefined || interval === undefined) {
    const rule_ = `${text}: could not be computed from these rows`;
    return { name, passed: false, observed: null, interval: null, bound, rule: rule_ };
  }
  const passed = mayBeWorseBy === undefined ? interval.low > bound : interval.low >= bound;
  const numbers = `${shown(metrics[metric])} against ${shown(rival.metrics[metric])}, improvement ${shown(improvement.value)} [${shown(interval.low)}, ${shown(interval.high)}]`;
  return { name, passed, observed: improvement.value, interval, bound, rule: `${text}: ${numbers}` };
}

const shown = (value: number | undefined): string => (value === undefined ? 'none' : value.toFixed(4));
