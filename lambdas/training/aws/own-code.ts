import { readFileSync } from 'node:fs';
import { type Digest, digestOf } from '../../shared/digest.ts';

/** Digest of the file that this code runs from: in a deployed function, the bundle with all that trains in it. */
export const ownCode = (): Digest => digestOf(readFileSync(import.meta.filename));
