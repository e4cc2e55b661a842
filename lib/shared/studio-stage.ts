import * as z from 'zod';
import { WORKSPACE_NAME } from '../../lambdas/shared/workspace-name.ts';

/** In the names of a role and of what SageMaker keeps for a person, which end in no hyphen. */
const PROFILE = /^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$/;
const PROFILE_RULE =
  'a profile is named with lower-case letters, digits and inner hyphens, at most 31 and first a letter';

/** A person with notebooks. */
const StudioUser = z.strictObject({
  /** The workspace of the tracking API and of the artifacts. */
  workspace: z
    .string()
    .regex(WORKSPACE_NAME, 'a workspace is lower-case letters, digits and hyphens')
    .default('default'),
  /** Where that person's API token is kept, as the secret's whole text. */
  tokenSecretArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-\w{6}$/,
      'the whole ARN of a secret of Secrets Manager, with the six characters at its end',
    )
    .optional(),
});

/** SageMaker Studio for those who work in notebooks. */
export const Studio = z.strictObject({
  vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC'),
  /** CreateDomain takes sixteen at most. */
  subnetIds: z
    .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'the id of a subnet'))
    .min(1)
    .max(16),
  users: z
    .record(z.string(), StudioUser)
    .superRefine((users, context) => {
      for (const name of Object.keys(users))
        if (!PROFILE.test(name)) context.addIssue({ code: 'custom', path: [name], message: PROFILE_RULE });
    })
    .refine((users) => Object.keys(users).length > 0, 'a Studio has at least one user'),
  /** No name and no password in it: the template would show them. */
  gitRepository: z
    .string()
    .max(300)
    .regex(
      /^https:\/\/[a-z0-9][a-z0-9.-]*(:\d{1,5})?(\/[\w~-][\w.~-]*)+$/,
      'the https URL of a git repository, without user, query or fragment',
    ),
  /** SageMaker stops nothing sooner than after an hour, and nothing later than after a year. */
  idleMinutes: z.int().min(60).max(525_600).default(60),
  instanceType: z
    .string()
    .regex(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, 'an instance type of SageMaker, such as ml.t3.medium')
    .default('ml.t3.medium'),
});

/** How notebooks get at the tracking API is how the stage lets anyone: with a token each, or with signatures. */
export function checkStudioAccess(
  { studio, trackingIam }: { studio?: z.output<typeof Studio> | undefined; trackingIam?: object | undefined },
  context: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void {
  for (const [profile, { tokenSecretArn }] of Object.entries(studio?.users ?? {})) {
    const path = ['studio', 'users', profile, 'tokenSecretArn'];
    if (!trackingIam && tokenSecretArn === undefined)
      context.addIssue({
        code: 'custom',
        path,
        message: 'expected a secret: the tracking API of this stage takes tokens',
      });
    if (trackingIam && tokenSecretArn !== undefined)
      context.addIssue({
        code: 'custom',
        path,
        message: 'expected none: with trackingIam the tracking API takes no tokens',
      });
  }
}

/** A user's execution role, by which the tracking API knows a signature. */
export const studioRoleName = (stage: string, profile: string): string => `millrace-${stage}-studio-${profile}`;
