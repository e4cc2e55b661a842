import type { APIGatewayProxyResult } from 'aws-lambda';
import { ServingErrors } from './errors.ts';
import { compareGolden, goldenRequest, readGolden } from './golden-set.ts';
import type { GoldenResult } from './rollout.ts';
import { rolloutBundle } from './rollout-bundle.ts';
import { type Attempt, type RolloutDeps, requireTurn, saveRollout, type Turn } from './turn.ts';

/**
 * Asks the published version, past the alias, for its answers to the bundle's golden set.
 * @throws GoldenFailed when an answer differs, or is none
 */
export async function runGolden(deps: RolloutDeps, attempt: Attempt): Promise<GoldenResult> {
  const turn = await requireTurn(deps, attempt);
  const golden = await goldenResult(deps, attempt.workspace, turn);
  await saveRollout(deps.table, attempt.workspace, { ...turn.fact, golden });
  if (!golden.passed) throw ServingErrors.GoldenFailed(`golden set: ${golden.reason}`);
  return golden;
}

export async function goldenResult(
  deps: RolloutDeps,
  workspace: string,
  { fact, endpoint }: Turn,
): Promise<GoldenResult> {
  const { files } = await rolloutBundle(deps, workspace, fact);
  const golden = readGolden(files['golden.json']);
  const { functionVersion } = fact.candidate ?? { functionVersion: '$LATEST' };
  const answer = (await deps.functions.invoke(
    endpoint.functionName,
    functionVersion,
    goldenEvent(workspace, endpoint.endpoint, fact.model, goldenRequest(golden)),
  )) as APIGatewayProxyResult;
  const runtime = String(answer.headers?.['x-millrace-runtime'] ?? 'unknown');
  const known = { rows: golden.rows, tolerance: golden.tolerance, runtime };
  if (answer.statusCode !== 200) {
    return { ...known, passed: false, worst: 0, reason: `the version answered ${answer.statusCode}: ${answer.body}` };
  }
  return { ...known, ...compareGolden(golden, JSON.parse(answer.body)) };
}

/** What API Gateway would send, with the purpose that only the authorizer's place can state: it counts in no window. */
const goldenEvent = (workspace: string, endpoint: string, model: string, body: string) => ({
  httpMethod: 'POST',
  path: `/${endpoint}/v2/models/${model}/infer`,
  isBase64Encoded: false,
  body,
  requestContext: { authorizer: { tokenId: 'roll-out-model', roles: 'app', workspaces: workspace, purpose: 'golden' } },
});
