import * as z from 'zod';

/**
 * An endpoint's environment. The template sets the first four; a rollout adds the others before it publishes a
 * version, so that a published version names its bundle for good and the template never does.
 */
export const PredictEnv = z.object({
  ENDPOINT: z.string(),
  WORKSPACE: z.string(),
  MODEL: z.string(),
  BUNDLES_BUCKET: z.string(),
  MODEL_VERSION: z.string().optional(),
  BUNDLE_DIGEST: z.templateLiteral(['sha256:', z.string()]).optional(),
  /** PEM of the stage's signing key, to verify the bundle offline. */
  SIGNER_PUBLIC_KEY: z.string().optional(),
});
export type PredictEnv = z.output<typeof PredictEnv>;
