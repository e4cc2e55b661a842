/**
 * What lies where in the curated zone, as the resource patterns of permissions. A pattern's `*` takes slashes too: both
 * names stand before the part, so that a dataset called `train` opens nobody else's rows.
 */
export const CURATED_PARTS = {
  /** Rows to learn from. */
  train: '*/*/train/*',
  /** Rows that judge. Who may read them, and why, stands in test/repo/held-out-rows.test.ts. */
  heldOut: '*/*/test/*',
  manifests: '*/*/manifests/*',
  profiles: '*/*/profiles/*',
  /** The objects of collections: images, documents. */
  objects: '*/*/objects/*',
  /** What was found in files. */
  quality: '*/*/quality/*',
  /** What is to be erased of deleted versions. */
  erasures: '*/*/erasures/*',
  /** The lists of files that tables for SQL are made of. */
  links: '*/*/links/*',
} as const;
