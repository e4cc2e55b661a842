import { readWindows } from '../serving/contract.ts';
import type { Table } from '../shared/table.ts';
import type { DriftState } from './drift-state.ts';
import { type Lot, readUnjudged, startAt, windowIso, windowOf } from './unjudged-rows.ts';

/**
 * The rows of an endpoint's live version that no check has judged: those since the last check that judged, or since the
 * version went live. Windows are counts by the bins of the version's own baseline, so versions are never mixed.
 */
export function unjudgedLot(
  { windows, now }: { windows: Table; now: Date },
  workspace: string,
  endpoint: string,
  { functionVersion, since }: { functionVersion: string; since: string },
  state: DriftState | undefined,
): Promise<Lot> {
  const mark = state?.functionVersion === functionVersion ? state.mark : startAt(windowOf(since));
  return readUnjudged(
    async (from, to) => {
      const { rows, features, outputs } = await readWindows(
        windows,
        workspace,
        endpoint,
        functionVersion,
        windowIso(from),
        windowIso(to - 1),
      );
      return { rows, features, outputs };
    },
    mark,
    windowOf(now),
  );
}
