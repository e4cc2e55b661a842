import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import { kmsSigner } from '../../shared/aws/kms-signer.ts';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { systemClock } from '../../shared/clock.ts';
import { task, tasks } from '../../shared/task.ts';
import { lambdaFunctions } from '../aws/endpoint-functions.ts';
import { beginRollout } from '../begin-rollout.ts';
import { completeRollout } from '../complete-rollout.ts';
import { RollOutModelEnv, RollOutModelInput } from '../contract.ts';
import { endRollout } from '../end-rollout.ts';
import { judgeStep } from '../judge-step.ts';
import { publishCandidate } from '../publish-candidate.ts';
import { runGolden } from '../run-golden.ts';
import { shiftTraffic } from '../shift-traffic.ts';
import type { RolloutDeps } from '../turn.ts';

const wire = (env: z.output<typeof RollOutModelEnv>): RolloutDeps => ({
  table: dynamoTable(env.CATALOGUE_TABLE),
  windows: dynamoTable(env.WINDOWS_TABLE),
  bundles: s3Objects(env.BUNDLES_BUCKET),
  publicKeyPem: kmsSigner(env.SIGNING_KEY).publicKeyPem,
  functions: lambdaFunctions(),
  endpoints: env.ENDPOINTS,
  clock: systemClock,
  sleep,
});

const Step = RollOutModelInput.extend({ step: z.int().min(0).max(20) });
const End = RollOutModelInput.extend({ error: z.string(), cause: z.string() });
const shared = { env: RollOutModelEnv, wire };

/** The steps of `roll-out-model`, by the names that the state machine calls them. */
export const rolloutTasks = {
  begin: task({ ...shared, input: RollOutModelInput, run: beginRollout }),
  publish: task({ ...shared, input: RollOutModelInput, run: publishCandidate }),
  golden: task({ ...shared, input: RollOutModelInput, run: runGolden }),
  shift: task({ ...shared, input: Step, run: shiftTraffic }),
  judge: task({ ...shared, input: Step, run: judgeStep }),
  complete: task({ ...shared, input: RollOutModelInput, run: completeRollout }),
  end: task({
    ...shared,
    input: End,
    run: (deps, { error, cause, ...attempt }) => endRollout(deps, attempt, { error, cause }),
  }),
};
export const handler = tasks(rolloutTasks).lambda();
