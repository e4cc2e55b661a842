import { factKey, ref } from '../lineage/contract.ts';
import { ConditionUnmet, type Table } from '../shared/table.ts';
import { DataErrors } from './errors.ts';
import type { PseudonymKey } from './ports.ts';

/** What the key of a dataset is sealed under and bound to; opened with anything else it stays shut. */
export interface KeyContext {
  workspace: string;
  dataset: string;
}

/** Makes and opens data keys of 32 bytes. Sealed ones may be kept; whoever opens them is told by KMS's own log. */
export interface DataKeys {
  make(context: KeyContext): Promise<{ key: Uint8Array; sealed: string }>;
  open(sealed: string, context: KeyContext): Promise<Uint8Array>;
}

/**
 * A dataset's own key: made when it is first asked for, and the same ever after. Who makes it at the same moment as
 * someone else takes the one that was kept first.
 */
export const datasetKey =
  (table: Table, keys: DataKeys): PseudonymKey =>
  async (workspace, dataset) => {
    const context = { workspace, dataset };
    const at = factKey(ref('dataset-key', workspace, dataset));
    const kept = async () => {
      const item = await table.get(at);
      return item && keys.open(item['sealed'] as string, context);
    };
    const before = await kept();
    if (before) return before;
    const { key, sealed } = await keys.make(context);
    try {
      await table.transact([{ put: { ...at, sealed }, when: { absent: true } }]);
      return key;
    } catch (error) {
      if (!(error instanceof ConditionUnmet)) throw error;
      const first = await kept();
      if (first) return first;
      throw DataErrors.PseudonymKeyMissing(`dataset ${dataset}: its key was there and is gone`, { cause: error });
    }
  };
