import * as z from 'zod';
import { describeIssues, SharedErrors } from './errors.ts';

/** The only place that reads `process.env`. Parsed on first use, so importing a handler needs no environment. */
export function readEnv<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  throw SharedErrors.ConfigurationInvalid(`environment: ${describeIssues(parsed.error, process.env)}`);
}

/** What the Lambda runtime itself sets. */
export const runtimeEnv = () =>
  readEnv(
    z.object({
      AWS_REGION: z.string().default('us-east-1'),
      AWS_LAMBDA_FUNCTION_NAME: z.string().default('local'),
      AWS_LAMBDA_FUNCTION_VERSION: z.string().default('$LATEST'),
      AWS_ENDPOINT_URL: z.string().optional(),
      AWS_ACCESS_KEY_ID: z.string().default(''),
      AWS_SECRET_ACCESS_KEY: z.string().default(''),
      AWS_SESSION_TOKEN: z.string().optional(),
    }),
  );
