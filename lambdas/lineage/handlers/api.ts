import { api } from '../../shared/api.ts';
import { showGraphEndpoint } from './show-graph.ts';
import { showLedgerEndpoint } from './show-ledger.ts';
import { verifyLedgerEndpoint } from './verify-ledger.ts';

export const handler = api([showGraphEndpoint, showLedgerEndpoint, verifyLedgerEndpoint]).lambda();
