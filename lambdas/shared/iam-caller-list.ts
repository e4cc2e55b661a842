import * as z from 'zod';
import { ROLES } from './route.ts';

/** The principals that a stage knows: part of its configuration, and a function's variable as JSON. */
export const IamCallers = z.array(
  z.strictObject({
    /** ARN of an IAM role or user; `*` in its name stands for any characters. */
    principal: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/([\w+=,.@-]+\/)*[\w+=,.@*-]+$/,
        'expected the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/Scientists',
      ),
    roles: z.array(z.enum(ROLES)).min(1),
    /** `*` for all of them. */
    workspaces: z
      .array(
        z
          .string()
          .regex(
            /^(\*|[a-z0-9][a-z0-9-]{0,62})$/,
            'a workspace is lower-case letters, digits and hyphens, or * for all',
          ),
      )
      .min(1),
  }),
);

/** The same list as the text of a function's variable. */
export const IamCallersText = z
  .string()
  .transform((text) => JSON.parse(text) as unknown)
  .pipe(IamCallers);
