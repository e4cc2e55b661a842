import * as z from 'zod';
import { type EndpointView, type RolloutFact, ServingRoutes } from '../../lambdas/serving/contract.ts';
import { newId } from '../../lambdas/shared/ids.ts';
import type { ApiClient } from '../client/api-client.ts';
import { paint, table } from '../terminal.ts';
import { verb } from '../verb.ts';
import { waitFor } from '../wait.ts';

const Endpoint = z.string().describe('the name of the endpoint');

export const endpointVerbs = [
  verb({
    name: 'endpoint list',
    summary: 'List the endpoints of the stage and what is live on each.',
    input: z.object({}),
    positionals: [],
    examples: ['millrace endpoint list'],
    run: async ({ client }) => (await client()).call(ServingRoutes.listEndpoints, {}),
    show: ({ endpoints }) =>
      table(
        ['endpoint', 'model', 'live', 'champion', 'rollout'],
        endpoints.map((each) => [
          each.endpoint,
          each.model,
          each.live?.modelVersion,
          each.champion,
          each.rollout?.status,
        ]),
      ),
  }),
  verb({
    name: 'endpoint status',
    summary: 'Show what an endpoint serves, what its people want, and the rollout that has it.',
    input: z.object({ endpoint: Endpoint }),
    positionals: ['endpoint'],
    examples: ['millrace endpoint status rain'],
    run: async ({ client }, input) => (await client()).call(ServingRoutes.showEndpoint, input),
    show: describeEndpoint,
  }),
  verb({
    name: 'endpoint history',
    summary: 'Show what was live when, from the ledger.',
    input: z.object({ endpoint: Endpoint }),
    positionals: ['endpoint'],
    examples: ['millrace endpoint history rain'],
    run: async ({ client }, input) => (await client()).call(ServingRoutes.showHistory, input),
    show: ({ entries }) =>
      table(
        ['at', 'what', 'by', 'detail'],
        entries.map(({ at, action, actor, detail }) => [at, action, actor, JSON.stringify(detail)]),
      ),
  }),
  verb({
    name: 'endpoint rollback',
    summary: 'End the running rollout, or else go back to the version that was live before.',
    input: z.object({
      endpoint: Endpoint,
      from: z.string().optional().describe('the function version you see live; where another is by now, nothing moves'),
      reason: z.string().default('asked for').describe('why, for the ledger'),
    }),
    positionals: ['endpoint'],
    examples: ['millrace endpoint rollback rain --reason "too many false alarms"'],
    // Always with a name: a call that is sent again, because its answer was lost, goes back no second time.
    run: async ({ client }, input) => (await client()).call(ServingRoutes.rollBack, { ...input, dedupe: newId() }),
    show: describeEndpoint,
  }),
  verb({
    name: 'endpoint rollout',
    summary: 'Roll the champion out again: new platform code reaches traffic this way.',
    input: z.object({
      endpoint: Endpoint,
      dedupe: z.string().optional().describe('your name for this wish: the same name is the same rollout'),
      noWait: z.boolean().default(false).describe('return when the rollout is asked for'),
    }),
    positionals: ['endpoint'],
    examples: ['millrace endpoint rollout rain'],
    run: async ({ client, progress, signal }, { noWait, dedupe = newId(), ...input }) => {
      const api = await client();
      const { id } = await api.call(ServingRoutes.startRollout, { ...input, dedupe });
      return noWait ? api.call(ServingRoutes.showRollout, { rollout: id }) : rolledOut(api, id, progress, signal);
    },
    show: describeRollout,
  }),
  verb({
    name: 'endpoint rollouts',
    summary: "List an endpoint's rollouts, newest first.",
    input: z.object({
      endpoint: Endpoint,
      limit: z.number().int().min(1).max(100).default(20).describe('at most so many'),
    }),
    positionals: ['endpoint'],
    examples: ['millrace endpoint rollouts rain'],
    run: async ({ client }, input) => (await client()).call(ServingRoutes.listRollouts, input),
    show: ({ rollouts }) =>
      table(
        ['rollout', 'version', 'status', 'asked for', 'reason'],
        rollouts.map((each) => [each.id, each.modelVersion, each.status, each.requestedAt, each.reason]),
      ),
  }),
  verb({
    name: 'endpoint trace',
    summary: 'Find the model version and bundle that gave a prediction.',
    input: z.object({ predictionId: z.string().describe('the id in the answer or its header') }),
    positionals: ['predictionId'],
    examples: ['millrace endpoint trace 01kagq3v7m2q8r5t6w4y1z0a1b-3-rain'],
    run: async ({ client }, input) => (await client()).call(ServingRoutes.tracePrediction, input),
  }),
];

/** Waits for a rollout's end, whichever it is. */
export async function rolledOut(
  api: ApiClient,
  rollout: string,
  progress: (text: string) => void,
  signal?: AbortSignal,
): Promise<RolloutFact> {
  const ask = async () => {
    const fact = await api.call(ServingRoutes.showRollout, { rollout });
    progress(
      `rollout of version ${fact.modelVersion} is ${fact.status}${fact.steps.length ? `, at ${fact.steps.at(-1)?.weight} %` : ''}`,
    );
    return fact;
  };
  return waitFor(ask, ({ status }) => status !== 'waiting' && status !== 'running', {
    signal,
    what: `rollout ${rollout}`,
  });
}

/** A rollout with its golden set, its steps and the reason of its end. */
export function describeRollout({ modelVersion, status, golden, steps, reason }: RolloutFact): string {
  const lines = [
    `version ${modelVersion}: ${status === 'completed' ? paint('green', status) : paint('red', status)}${reason ? ` (${reason})` : ''}`,
  ];
  if (golden)
    lines.push(
      `golden set: ${golden.rows} rows, worst difference ${golden.worst.toExponential(1)} of ${golden.tolerance} allowed`,
    );
  for (const { weight, verdict } of steps) lines.push(`${weight} %: ${verdict?.reason ?? 'not judged yet'}`);
  return lines.join('\n');
}

function describeEndpoint({ endpoint, model, live, candidate, champion, codeDue, kept }: EndpointView): string {
  return [
    `${endpoint} serves ${live ? `version ${live.modelVersion} of ${model} since ${live.since}` : `no version of ${model}`}`,
    champion === undefined ? 'no champion is chosen' : `its people want version ${champion}`,
    ...(candidate ? [`version ${candidate.modelVersion} gets ${candidate.weight} % of the traffic`] : []),
    ...(codeDue ? ['new platform code waits for a rollout: millrace endpoint rollout'] : []),
    `kept: ${kept.map(({ modelVersion }) => `version ${modelVersion}`).join(', ') || 'none'}`,
  ].join('\n');
}
