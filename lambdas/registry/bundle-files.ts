import type { Digest } from '../shared/digest.ts';
import { hexOf } from '../shared/digest.ts';

/** The files that the manifest names by digest. */
export const CONTENT_FILES = ['model.onnx', 'golden.json', 'baseline.json'] as const;
export type ContentFile = (typeof CONTENT_FILES)[number];

/** The files that the signature covers, in the order of its subjects. */
export const SIGNED_FILES = ['bundle.json', ...CONTENT_FILES] as const;
export type SignedFile = (typeof SIGNED_FILES)[number];

/** Everything below a bundle's prefix, in the order it is written: the signature last, so that signed means complete. */
export const BUNDLE_FILES = [...CONTENT_FILES, 'bundle.json', 'signature.json'] as const;
export type BundleFile = (typeof BUNDLE_FILES)[number];

/** `<workspace>/<digest hex>/<file>` in the bundles zone. */
export const bundleKey = (workspace: string, digest: Digest, file: BundleFile): string =>
  `${workspace}/${hexOf(digest)}/${file}`;
