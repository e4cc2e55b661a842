import { type Digest, hexOf } from '../shared/digest.ts';
import { SIGNED_FILES, type SignedFile } from './bundle-files.ts';

/** in-toto Statement v1: these files, by these digests, are one bundle. */
export interface Statement {
  _type: 'https://in-toto.io/Statement/v1';
  subject: { name: SignedFile; digest: { sha256: string } }[];
  predicateType: typeof PREDICATE_TYPE;
  predicate: { bundle: Digest };
}

export const PREDICATE_TYPE = 'urn:millrace:bundle:1';

export type FileDigests = Readonly<Record<SignedFile, Digest>>;

/** The one statement that a bundle with these files can have; its canonical JSON is what is signed. */
export const statementOf = (digests: FileDigests): Statement => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: SIGNED_FILES.map((name) => ({ name, digest: { sha256: hexOf(digests[name]) } })),
  predicateType: PREDICATE_TYPE,
  predicate: { bundle: digests['bundle.json'] },
});
