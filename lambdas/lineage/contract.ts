import * as z from 'zod';
import { ROLES, type Role, route } from '../shared/route.ts';
import type { Graph } from './graph.ts';
import type { LedgerEntry, LedgerVerdict } from './ledger.ts';

export { type Commit, commit } from './commit.ts';
export { type Edge, RELATIONS, type Relation } from './edge.ts';
export { LineageErrors } from './errors.ts';
export { factOf, type Graph, readLedger } from './graph.ts';
export {
  LEDGER_ACTIONS,
  type LedgerAction,
  type LedgerEntry,
  type LedgerEntryInput,
  type LedgerVerdict,
} from './ledger.ts';
export type { PlatformEvent } from './outbox.ts';
export { factKey, KINDS, type Kind, parseRef, partitionOf, type Ref, ref } from './ref.ts';

const EVERYONE: readonly Role[] = ROLES.filter((role) => role !== 'app');

/** `millrace lineage …`; the reference is the rest of the path. */
export const LineageRoutes = {
  showGraph: route<Graph>()({
    method: 'GET',
    path: '/lineage/graph/{ref+}',
    roles: EVERYONE,
    input: z.object({
      ref: z.string().max(512),
      direction: z.enum(['upstream', 'downstream', 'both']).default('upstream'),
    }),
  }),
  showLedger: route<{ entries: LedgerEntry[] }>()({
    method: 'GET',
    path: '/lineage/ledger/{ref+}',
    roles: EVERYONE,
    input: z.object({ ref: z.string().max(512) }),
  }),
  verifyLedger: route<LedgerVerdict>()({
    method: 'GET',
    path: '/lineage/verify/{ref+}',
    roles: EVERYONE,
    input: z.object({ ref: z.string().max(512) }),
  }),
};

export const LineageApiEnv = z.object({ CATALOGUE_TABLE: z.string() });
export const PublishEventsEnv = z.object({ EVENT_BUS: z.string() });
