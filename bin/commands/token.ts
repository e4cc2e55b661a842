import { InvokeCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { GatewayRoutes, NewToken, type TokenFact } from '../../lambdas/gateway/contract.ts';
import { describeIssues, PlatformError, SharedErrors } from '../../lambdas/shared/errors.ts';
import { awsClients } from '../local/aws-clients.ts';
import { table } from '../terminal.ts';
import { type VerbContext, verb } from '../verb.ts';

const CreateToken = z.object({
  name: z.string().describe('whose token it is'),
  role: z
    .array(z.string())
    .describe('a role it has: scientist, engineer, operator, approver, auditor, app; may be given several times'),
  workspaceScope: z
    .array(z.string())
    .default(['default'])
    .describe('a workspace it is for, or * for all; may be given several times'),
  expiresInDays: z.number().optional().describe('days until it expires; without it, it lives until it is revoked'),
  first: z
    .boolean()
    .default(false)
    .describe(
      'make it with AWS credentials instead of a token: needs lambda:InvokeFunction on the first-token function',
    ),
});

export const tokenVerbs = [
  verb({
    name: 'token create',
    summary: 'Make an API token. It is shown once.',
    input: CreateToken,
    positionals: ['name'],
    examples: [
      'millrace token create shop --role app',
      'millrace token create admin --first --role operator --role engineer --workspace-scope "*" --stage prod',
    ],
    run: async (context, { name, role, workspaceScope, expiresInDays, first }) => {
      const wish = { name, roles: role, workspaces: workspaceScope, expiresInDays };
      const wanted = NewToken.safeParse(wish);
      if (!wanted.success) throw SharedErrors.InvalidInput(describeIssues(wanted.error, wish));
      return first
        ? firstToken(context, wanted.data)
        : (await context.client()).call(GatewayRoutes.createToken, wanted.data);
    },
    show: ({ token }) => token,
  }),
  verb({
    name: 'token list',
    summary: 'List API tokens: who has which roles, never the secrets.',
    input: z.object({}),
    positionals: [],
    examples: ['millrace token list'],
    run: async ({ client }) => (await client()).call(GatewayRoutes.listTokens, {}),
    show: ({ tokens }) =>
      table(
        ['id', 'name', 'roles', 'workspaces', 'state'],
        tokens.map((each) => [each.tokenId, each.name, each.roles.join(','), each.workspaces.join(','), stateOf(each)]),
      ),
  }),
  verb({
    name: 'token revoke',
    summary: 'End a token now. Endpoints may take it for another 60 seconds.',
    input: z.object({ tokenId: z.string().describe('the id that token list shows') }),
    positionals: ['tokenId'],
    examples: ['millrace token revoke 01k9x3v7m2q8r5t6w4y1z0a1b2'],
    run: async ({ client }, input) => (await client()).call(GatewayRoutes.revokeToken, input),
  }),
];

const stateOf = ({ revokedAt, expiresAt }: TokenFact) =>
  revokedAt ? `revoked ${revokedAt}` : expiresAt ? `expires ${expiresAt}` : 'good';

async function firstToken(
  { stage }: VerbContext,
  wanted: z.output<typeof NewToken>,
): Promise<TokenFact & { token: string }> {
  const { Payload, FunctionError } = await awsClients().lambda.send(
    new InvokeCommand({ FunctionName: `millrace-${stage}-gateway-first-token`, Payload: JSON.stringify(wanted) }),
  );
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString()) as TokenFact & {
    token: string;
    errorMessage?: string;
    errorType?: string;
  };
  if (FunctionError)
    throw new PlatformError('invalid', answer.errorType ?? 'Unexpected', answer.errorMessage ?? FunctionError);
  return answer;
}
