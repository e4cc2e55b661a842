import type { ObjectStore } from '../../shared/objects.ts';
import type { FetchRaw, PseudonymKey } from '../ports.ts';
import type { DuckdbSession } from './duckdb-session.ts';

export interface Zones {
  fetchRaw: FetchRaw;
  curated: ObjectStore;
  /** Absent where no dataset may have pseudonyms. */
  pseudonymKey?: PseudonymKey;
}

/** What one call works with. */
export interface Workshop extends Zones {
  duckdb: DuckdbSession;
  folder: string;
}
