import * as z from 'zod';
import { ROLES, type Role, route } from '../shared/route.ts';
import type { CheckView, DriftView } from './drift-view.ts';
import type { RetrainingFact } from './retraining.ts';
import { WatchedEndpoints } from './watched-endpoint.ts';

export { DriftErrors } from './drift-errors.ts';
export type { ColumnDrift, DriftReport } from './drift-report.ts';
export type { CheckResult, CheckView, DriftView } from './drift-view.ts';
export { MonitoringErrors } from './errors.ts';
export { driftAlarm, driftAlarmName, driftMetric } from './names.ts';
export type { RetrainingFact } from './retraining.ts';
export { type WatchedEndpoint, WatchedEndpoints } from './watched-endpoint.ts';

const EVERYONE: readonly Role[] = ROLES.filter((role) => role !== 'app');

const Name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'expected lower-case letters, digits and hyphens, at most 31');

/** `millrace drift …`. */
export const MonitoringRoutes = {
  /** Starts a check now; rows that a check has judged are judged by no other. */
  startCheck: route<{ check: string }>()({
    method: 'POST',
    path: '/monitoring/checks',
    roles: ['engineer', 'operator', 'scientist'],
    input: z.object({
      /** @default every endpoint of the workspace with new rows */
      endpoint: Name.optional(),
    }),
  }),
  showCheck: route<CheckView>()({
    method: 'GET',
    path: '/monitoring/checks/{check}',
    roles: EVERYONE,
    input: z.object({ check: z.string().regex(/^[\w-]{1,80}$/, 'expected letters, digits, _ and -, at most 80') }),
  }),
  /** The endpoint's last report, with its alarm's state. */
  showDrift: route<DriftView>()({
    method: 'GET',
    path: '/monitoring/endpoints/{endpoint}/drift',
    roles: EVERYONE,
    input: z.object({ endpoint: Name }),
  }),
  /** The retrainings that drift started, newest first. */
  listRetrainings: route<{ retrainings: RetrainingFact[]; suppressed: number }>()({
    method: 'GET',
    path: '/monitoring/models/{model}/retrainings',
    roles: EVERYONE,
    input: z.object({ model: Name, limit: z.coerce.number().int().min(1).max(100).default(20) }),
  }),
};

/** What the state machine is started with: everything, or one workspace's, or one endpoint. */
export const CheckDriftInput = z.strictObject({ workspace: z.string().optional(), endpoint: z.string().optional() });
export type CheckDriftInput = z.output<typeof CheckDriftInput>;

const OneEndpoint = { workspace: z.string(), endpoint: z.string() };
/** The machine's steps; `check` is its execution's name, by which a repeated step is known. */
export const MeasureDriftInput = z.strictObject({ ...OneEndpoint, check: z.string() });
export const PublishDriftInput = z.strictObject(OneEndpoint);
/** What a catch hands on: the error's name, and a cause that is Lambda's JSON or plain text. */
export const RecordFailureInput = z.strictObject({
  workspace: z.string().optional(),
  endpoint: z.string().optional(),
  check: z.string(),
  error: z.string(),
  cause: z.string().default(''),
});

export const MonitoringApiEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  CHECK_DRIFT_ARN: z.string(),
  ENDPOINTS: WatchedEndpoints,
});
export const CheckDriftEnv = z.object({
  STAGE: z.string(),
  CATALOGUE_TABLE: z.string(),
  WINDOWS_TABLE: z.string(),
  BUNDLES_BUCKET: z.string(),
  ENDPOINTS: WatchedEndpoints,
});
export const DecideRetrainingEnv = z.object({
  STAGE: z.string(),
  CATALOGUE_TABLE: z.string(),
  ENDPOINTS: WatchedEndpoints,
  COOLDOWN_MINUTES: z.coerce.number().int().min(0),
});
