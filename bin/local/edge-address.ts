import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** In an instance's folder: the address of its edge, once that answers. */
export const EDGE_FILE = 'edge-url';

/** The address of an instance's edge in its folder; undefined before it answers. */
export function edgeAddress(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, EDGE_FILE), 'utf8');
  } catch {
    return undefined;
  }
}
