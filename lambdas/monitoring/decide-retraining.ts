import { commit, factKey, ref } from '../lineage/contract.ts';
import type { Clock } from '../shared/clock.ts';
import { derivedId } from '../shared/ids.ts';
import { type RetryOptions, retrying } from '../shared/retry.ts';
import { ConditionUnmet, type Item, type Table, type Value, type Write } from '../shared/table.ts';
import { appliedSpec, RETRAINING_REQUESTED } from '../training/contract.ts';
import type { DriftAlarm } from './drift-alarm.ts';
import { type DriftReport, reportRef, reportWrite } from './drift-report.ts';
import { lastReport } from './drift-state.ts';
import { MonitoringErrors } from './errors.ts';
import {
  firingOf,
  headKey,
  judgeFiring,
  type RetrainingFact,
  type RetrainingHead,
  readHead,
  retrainingId,
  retrainingRef,
  type Verdict,
} from './retraining.ts';
import { type WatchedEndpoint, watchedEndpoint } from './watched-endpoint.ts';

export interface DecideDeps {
  table: Table;
  clock: Clock;
  endpoints: readonly WatchedEndpoint[];
  cooldownMinutes: number;
  retry?: RetryOptions;
}

export type Decision =
  | { decision: 'requested'; retraining: string }
  /** The cooldown is running; `counted` is false where too many firings were counted at the same time. */
  | { decision: 'suppressed'; counted: boolean }
  /** This very firing was decided on before. */
  | { decision: 'known' }
  /** The model's spec says that drift starts no training. */
  | { decision: 'unwanted' };

const ACTOR = 'monitoring/decide-retraining';

/**
 * Starts at most one retraining for each model and cooldown, however often and however many at a time alarms fire: the
 * decision and everything that follows from it are one transaction on the model's head.
 *
 * @throws EndpointUnwatched when the alarm is of an endpoint that the stage has not
 * @throws DecisionContended when others decided for the model at every attempt
 */
export async function decideRetraining(deps: DecideDeps, alarm: DriftAlarm): Promise<Decision> {
  const watched = watchedEndpoint(deps.endpoints, alarm.endpoint);
  const applied = await appliedSpec(deps.table, watched.workspace, watched.model);
  if (applied && !applied.spec.drift.retrain) return { decision: 'unwanted' };
  let verdict = 'known' as Verdict;
  const decideOnce = async (): Promise<Decision> => {
    const head = await readHead(deps.table, watched.workspace, watched.model);
    verdict = judgeFiring(head, alarm, deps.cooldownMinutes);
    if (verdict === 'known') return { decision: 'known' };
    return verdict === 'suppress' ? count(deps, watched, head, alarm) : request(deps, watched, head, alarm);
  };
  const moved = (error: unknown) => error instanceof ConditionUnmet;
  try {
    return await retrying(decideOnce, moved, { attempts: 12, ...deps.retry });
  } catch (cause) {
    if (!moved(cause)) throw cause;
    // A count that loses to that many other counts is not worth a failed function: somebody counted each time.
    if (verdict === 'suppress') return { decision: 'suppressed', counted: false };
    throw MonitoringErrors.DecisionContended(`retraining of ${watched.model}: others decided at every attempt`, {
      cause,
    });
  }
}

async function count(
  { table }: DecideDeps,
  watched: WatchedEndpoint,
  head: RetrainingHead,
  alarm: DriftAlarm,
): Promise<Decision> {
  const counted = { ...head, suppressed: head.suppressed + 1, lastSuppressed: firingOf(alarm) };
  await table.transact([headWrite(watched, head, counted)]);
  return { decision: 'suppressed', counted: true };
}

async function request(
  { table, clock }: DecideDeps,
  watched: WatchedEndpoint,
  head: RetrainingHead,
  alarm: DriftAlarm,
): Promise<Decision> {
  const { workspace, model } = watched;
  const last = await lastReport(table, workspace, alarm.endpoint);
  const report = last && last.maxPsi >= last.threshold ? last : undefined;
  const fact = retrainingOf(head, watched, alarm, report, clock().toISOString());
  const next = { number: fact.number, alarm: firingOf(alarm), alarmAt: alarm.at, suppressed: 0, lastSuppressed: '' };
  const thing = retrainingRef(workspace, fact.id);
  await commit(table, {
    facts: [
      headWrite(watched, head, next),
      { put: { ...factKey(thing), ...fact } as unknown as Item, when: { absent: true } },
      ...(report ? [reportWrite(workspace, report)] : []),
    ],
    edges: report ? [{ from: thing, relation: 'caused-by', to: reportRef(workspace, report.id) }] : [],
    entry: {
      subject: ref('model', workspace, model),
      action: 'retraining-requested',
      at: fact.requestedAt,
      actor: ACTOR,
      detail: fact as unknown as Record<string, Value>,
    },
    event: {
      id: derivedId(RETRAINING_REQUESTED.detailType, thing),
      workspace,
      domain: 'monitoring',
      type: RETRAINING_REQUESTED.detailType,
      detail: { model, reason: fact.reason, dedupe: fact.dedupe, retraining: fact.id },
    },
  });
  return { decision: 'requested', retraining: thing };
}

function headWrite({ workspace, model }: WatchedEndpoint, from: RetrainingHead, to: RetrainingHead): Write {
  const { number, suppressed } = from;
  return {
    put: { ...headKey(workspace, model), ...to },
    when: number === 0 ? { absent: true } : { equals: { number, suppressed } },
  };
}

function retrainingOf(
  head: RetrainingHead,
  { model }: WatchedEndpoint,
  alarm: DriftAlarm,
  report: DriftReport | undefined,
  requestedAt: string,
): RetrainingFact {
  const number = head.number + 1;
  const id = retrainingId(model, number);
  return {
    id,
    model,
    number,
    endpoint: alarm.endpoint,
    reason: report ? reasonOf(report) : `the drift alarm of endpoint ${alarm.endpoint} fired`,
    requestedAt,
    alarm: { at: alarm.at, reason: alarm.reason },
    ...(report && { report: report.id }),
    dedupe: `retraining/${id}`,
    suppressedBefore: head.suppressed,
  };
}

const reasonOf = ({ endpoint, worst, maxPsi, rows, threshold }: DriftReport) =>
  `drift at endpoint ${endpoint}: ${worst} has PSI ${maxPsi.toFixed(2)} over ${rows} rows, drift is from ${threshold} on`;
