import * as z from 'zod';

/** Variables of the function behind the workflows that AWS alone has: `data/refine-with-spark` and `data/label-objects`. */
export const DataJobsEnv = z.object({
  CATALOGUE_TABLE: z.string(),
  RAW_BUCKET: z.string(),
  CURATED_BUCKET: z.string(),
  /** Each empty where the stage has no Ground Truth. */
  WORKTEAM_ARN: z.string(),
  LABELLING_ROLE_ARN: z.string(),
  LABELLING_FUNCTIONS: z.string(),
  LABELLERS_PER_ITEM: z.coerce.number().int(),
});
