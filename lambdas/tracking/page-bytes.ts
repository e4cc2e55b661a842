import { writeJson } from './mlflow-json.ts';

/** Bytes of a page as Lambda counts them, of which it takes six MB; clients go on from page to page by the token. */
export const PAGE_BYTES = 5_000_000;

/** A view's bytes in an answer: Lambda hands the body on as a JSON text, in which each quote is two characters. */
export const answerBytes = (view: unknown): number => Buffer.byteLength(JSON.stringify(writeJson(view)));

/** As many of the views as fit into one answer, and always one. */
export function fitting<T>(views: Iterable<T>, most: number, room = PAGE_BYTES): T[] {
  const taken: T[] = [];
  for (const view of views) {
    if (taken.length === most) break;
    room -= answerBytes(view);
    if (room < 0 && taken.length > 0) break;
    taken.push(view);
  }
  return taken;
}
