import type { ObjectStore } from '../../../lambdas/shared/objects.ts';

/** Every key of a zone, page by page; what MLflow's clients upload, some of it huge, is not the data domain's. */
export async function keysBelow(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let after: string | undefined;
  do {
    const page = await store.listPage(prefix, { after });
    keys.push(...page.objects.map(({ key }) => key).filter((key) => !key.includes('/mlflow/')));
    after = page.next;
  } while (after !== undefined);
  return keys;
}
