import { retrying } from '../shared/retry.ts';
import { changeEndpoint } from './change-endpoint.ts';
import { type Deployment, deploymentOf, deploymentWrite } from './endpoint-fact.ts';
import { ServingErrors } from './errors.ts';
import type { FunctionState } from './ports.ts';
import { rolloutItem } from './rollout.ts';
import { rolloutBundle } from './rollout-bundle.ts';
import { type Attempt, hasTurn, type RolloutDeps, requireTurn } from './turn.ts';

/** Lambda applies a change in seconds; what takes longer is waited for by the state machine's own retries. */
const POLLS = 20;
const POLL_MS = 250;

/**
 * Verifies the bundle, writes its digest and the signer's public key into the function's environment, and publishes
 * a version, which pins code, environment and bundle for good. Each part is skipped when it is done already.
 *
 * @throws BundleMissing @throws BundleTampered @throws BundleSignatureInvalid
 * @throws FunctionMoved when the function changed meanwhile @throws FunctionUpdating @throws FunctionFailed
 */
export async function publishCandidate(deps: RolloutDeps, attempt: Attempt): Promise<{ functionVersion: string }> {
  const { fact, endpoint } = await requireTurn(deps, attempt);
  if (fact.candidate) return { functionVersion: fact.candidate.functionVersion };
  await rolloutBundle(deps, attempt.workspace, fact);
  const { functionName } = endpoint;
  const pinned = {
    MODEL_VERSION: String(fact.modelVersion),
    BUNDLE_DIGEST: fact.bundle,
    SIGNER_PUBLIC_KEY: await deps.publicKeyPem(),
  };
  const ready = await settled(deps, functionName);
  if (!holds(ready, pinned)) {
    await deps.functions.configure(functionName, { ...ready.environment, ...pinned }, ready.revision);
  }
  const { revision } = await settled(deps, functionName);
  const { functionVersion } = await deps.functions.publish(functionName, revision, `rollout ${fact.id}`);
  const published = await settled(deps, functionName, functionVersion);
  if (!holds(published, pinned)) {
    throw ServingErrors.FunctionMoved(
      `${functionName}: version ${functionVersion} was published with the bundle ${published.environment['BUNDLE_DIGEST'] ?? 'of nobody'}, expected ${fact.bundle}`,
    );
  }
  await record(deps, attempt, functionVersion, published);
  return { functionVersion };
}

/**
 * The row that predictions are traced by, before any traffic. Where Lambda had nothing new to publish the version is one
 * that served before, and its row stays: it says since when it may have predicted.
 */
async function record(deps: RolloutDeps, attempt: Attempt, functionVersion: string, { codeSha256 }: FunctionState) {
  const { endpoint, fact } = await requireTurn(deps, attempt);
  const ws = attempt.workspace;
  const candidate: Deployment = {
    functionVersion,
    modelVersion: fact.modelVersion,
    bundle: fact.bundle,
    rollout: fact.id,
    since: deps.clock().toISOString(),
    codeSha256,
  };
  const known = await deploymentOf(deps.table, ws, fact.endpoint, functionVersion);
  const isKnown = known?.bundle === candidate.bundle && known.modelVersion === candidate.modelVersion;
  await changeEndpoint(deps.table, endpoint, async (state) => {
    if (!hasTurn({ endpoint, state, fact }, attempt)) {
      throw ServingErrors.RolloutSuperseded(`rollout ${fact.id}: attempt ${fact.attempt} no longer has its endpoint`);
    }
    return {
      next: { ...state, candidate: { ...candidate, weight: 0 } },
      facts: [
        {
          put: rolloutItem(ws, { ...fact, candidate }),
          when: { equals: { status: 'running', attempt: fact.attempt } },
        },
        ...(isKnown ? [] : [deploymentWrite(ws, fact.endpoint, candidate)]),
      ],
    };
  });
}

const holds = ({ environment }: FunctionState, pinned: Record<string, string>): boolean =>
  Object.entries(pinned).every(([name, value]) => environment[name] === value);

/** The function, or one of its versions, once Lambda has applied the last change. */
function settled({ functions, sleep }: RolloutDeps, functionName: string, version?: string): Promise<FunctionState> {
  const look = async () => {
    const state = await functions.describe(functionName, version);
    if (state.update === 'successful') return state;
    const message = `${functionName}: its last update is ${state.update}${state.reason ? `: ${state.reason}` : ''}`;
    throw state.update === 'failed' ? ServingErrors.FunctionFailed(message) : ServingErrors.FunctionUpdating(message);
  };
  const again = (error: unknown) => error instanceof Error && error.name === 'FunctionUpdating';
  return retrying(look, again, { attempts: POLLS, sleep: () => sleep(POLL_MS) });
}
