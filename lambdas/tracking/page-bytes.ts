import { writeJson } from './mlflow-json.ts';

/** Bytes of a page's JSON. Lambda answers with six MB at most; clients go on from page to page by the token. */
const PAGE_BYTES = 4_000_000;

/** As many of the views as fit into one answer, and always one. */
export function fitting<T>(views: Iterable<T>, most: number, room = PAGE_BYTES): T[] {
  const taken: T[] = [];
  for (const view of views) {
    if (taken.length === most) break;
    room -= Buffer.byteLength(writeJson(view));
    if (room < 0 && taken.length > 0) break;
    taken.push(view);
  }
  return taken;
}
