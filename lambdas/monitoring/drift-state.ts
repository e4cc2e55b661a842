import { factOf, partitionOf, ref } from '../lineage/contract.ts';
import type { Item, Key, Table, Value, Write } from '../shared/table.ts';
import { type DriftReport, reportRef } from './drift-report.ts';
import type { AlarmState, CheckFailure } from './drift-view.ts';
import type { Mark } from './unjudged-rows.ts';

/** How far the checks of one endpoint have come. */
export interface DriftState {
  /** The live version that `mark` is about; another one starts anew from the time it went live. */
  functionVersion: string;
  mark: Mark;
  /** The check that judged last, and its report. */
  check: string;
  report: string;
  /** Whether that report's figure is yet to be published as a metric. */
  unpublished: boolean;
}

const key = (workspace: string, endpoint: string, sk: string): Key => ({
  pk: partitionOf(ref('drift-report', workspace, endpoint)),
  sk,
});

export async function readState(table: Table, workspace: string, endpoint: string): Promise<DriftState | undefined> {
  const item = await table.get(key(workspace, endpoint, 'state'));
  return item && (item['state'] as unknown as DriftState);
}

/** Moves the state on; fails when another check has moved it since `from` was read. */
export function stateWrite(workspace: string, endpoint: string, from: DriftState | undefined, to: DriftState): Write {
  const { check, unpublished } = to;
  return {
    put: { ...key(workspace, endpoint, 'state'), check, unpublished, state: to as unknown as Value },
    when: from ? { equals: { check: from.check, unpublished: from.unpublished } } : { absent: true },
  };
}

export async function readReport(table: Table, workspace: string, id: string): Promise<DriftReport | undefined> {
  const { expiresAt: _, ...report } = (await factOf(table, reportRef(workspace, id))) ?? {};
  return report['id'] === undefined ? undefined : (report as unknown as DriftReport);
}

/** The endpoint's last report. */
export async function lastReport(table: Table, workspace: string, endpoint: string): Promise<DriftReport | undefined> {
  const state = await readState(table, workspace, endpoint);
  return state && readReport(table, workspace, state.report);
}

/** One row for each endpoint: the last failure. */
export const failureWrite = (workspace: string, endpoint: string, failure: CheckFailure): Write => ({
  put: { ...key(workspace, endpoint, 'failure'), ...failure },
});

export async function readFailure(
  table: Table,
  workspace: string,
  endpoint: string,
): Promise<CheckFailure | undefined> {
  const item = (await table.get(key(workspace, endpoint, 'failure'))) as (Item & CheckFailure) | undefined;
  return item && { check: item.check, error: item.error, reason: item.reason, at: item.at };
}

/** An alarm's last known change of state. */
export interface AlarmRecord {
  state: AlarmState;
  /** By CloudWatch's clock: ISO 8601, UTC. */
  at: string;
}

export const alarmWrite = (
  workspace: string,
  endpoint: string,
  from: AlarmRecord | undefined,
  to: AlarmRecord,
): Write => ({
  put: { ...key(workspace, endpoint, 'alarm'), ...to },
  when: from ? { equals: { ...from } } : { absent: true },
});

export async function readAlarm(table: Table, workspace: string, endpoint: string): Promise<AlarmRecord | undefined> {
  const item = (await table.get(key(workspace, endpoint, 'alarm'))) as (Item & AlarmRecord) | undefined;
  return item && { state: item.state, at: item.at };
}
