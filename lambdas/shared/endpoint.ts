import type { APIGatewayProxyEvent } from 'aws-lambda';
import type * as z from 'zod';
import { type Caller, callerOf, requireRole, requireWorkspace } from './caller.ts';
import { readEnv } from './env.ts';
import { describeIssues, SharedErrors } from './errors.ts';
import { isTooDeep, MAX_DEPTH } from './json-depth.ts';
import type { Route } from './route.ts';
import { WORKSPACE_NAME } from './workspace-name.ts';

/** What a verb knows of its request beside its input. */
export interface Request {
  caller: Caller;
  /** Header `x-millrace-workspace`; `default` where none is named. */
  workspace: string;
}

interface EndpointOptions<Input extends z.ZodType, Output, Env extends z.ZodType, Deps> {
  route: Route<Input, Output>;
  env: Env;
  wire: (env: z.output<Env>) => Deps | Promise<Deps>;
  run: (deps: Deps, input: z.output<Input>, request: Request) => Promise<Output>;
}

/** One HTTP verb: checks role, workspace and input, wires on first use, runs. `api` mounts it. */
export interface Endpoint {
  readonly route: Route;
  handle(event: APIGatewayProxyEvent, pathValues: Record<string, string>): Promise<unknown>;
}

/** An endpoint with its dependencies replaced: the same chain, no AWS, no environment. */
export interface EndpointUnderTest<Deps> extends Endpoint {
  with(deps: Deps): Endpoint;
}

export function endpoint<Input extends z.ZodType, Output, Env extends z.ZodType, Deps>(
  options: EndpointOptions<Input, Output, Env, Deps>,
): EndpointUnderTest<Deps> {
  const { route } = options;
  const bind = (wired: () => Deps | Promise<Deps>): Endpoint => ({
    route,
    async handle(event, pathValues) {
      const caller = callerOf(event);
      requireRole(caller, route.roles);
      const workspace = header(event, 'x-millrace-workspace') ?? 'default';
      if (!WORKSPACE_NAME.test(workspace)) {
        throw SharedErrors.InvalidInput(
          `x-millrace-workspace: got ${JSON.stringify(workspace)}, a workspace is lower-case letters, digits and hyphens`,
        );
      }
      requireWorkspace(caller, workspace);
      const raw = { ...(route.method === 'GET' ? event.queryStringParameters : parseBody(event)), ...pathValues };
      const input = route.input.safeParse(raw);
      if (!input.success) throw SharedErrors.InvalidInput(describeIssues(input.error, raw));
      return options.run(await wired(), input.data, { caller, workspace });
    },
  });
  let deps: Promise<Deps> | undefined;
  const fromEnv = () => {
    deps ??= (async () => options.wire(readEnv(options.env)))();
    return deps;
  };
  return { ...bind(fromEnv), with: (given) => bind(() => given) };
}

function header(event: APIGatewayProxyEvent, name: string): string | undefined {
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1];
}

/** Above this a body is refused before it is parsed; the largest control-plane body is a spec. */
const MAX_BODY_CHARACTERS = 1_000_000;

function parseBody(event: APIGatewayProxyEvent): Record<string, unknown> {
  if (!event.body) return {};
  const text = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString('utf8') : event.body;
  if (text.length > MAX_BODY_CHARACTERS) {
    throw SharedErrors.BodyTooLarge(`body: got ${text.length} characters, at most ${MAX_BODY_CHARACTERS} are taken`);
  }
  if (isTooDeep(text)) throw SharedErrors.InvalidInput(`body: is nested deeper than ${MAX_DEPTH} levels`);
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw SharedErrors.InvalidInput('body: is not JSON', { cause });
  }
  throw SharedErrors.InvalidInput('body: got JSON that is not an object');
}
