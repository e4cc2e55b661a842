import type { APIGatewayProxyEvent } from 'aws-lambda';
import type * as z from 'zod';
import { HttpAnswer, type Mounted } from './api.ts';
import { type Caller, callerOf } from './caller.ts';
import { readEnv } from './env.ts';
import { describeIssues, SharedErrors } from './errors.ts';
import { originRefusal } from './origin.ts';
import type { PageAnswer, PageRequest } from './page-answer.ts';
import { headerValues } from './request-headers.ts';
import type { Route } from './route.ts';

interface PageOptions<Input extends z.ZodType, Env extends z.ZodType, Deps> {
  page: Pick<Route, 'method' | 'path'>;
  /** `anyone` for a page on a public path. */
  access: 'anyone' | 'caller';
  /** Query and form, each field once. */
  input: Input;
  env: Env;
  wire: (env: z.output<Env>) => Deps;
  run: (deps: Deps, input: z.output<Input>, request: PageRequest) => Promise<PageAnswer>;
}

/** A page with its dependencies replaced: the same chain, no AWS, no environment. */
export interface Page<Deps> extends Mounted {
  with(deps: Deps): Mounted;
}

/**
 * What a browser shows or sends as a form: the one part of the control API that is no JSON (docs/decisions/0023).
 * A form is taken from this host's own pages only.
 */
export function page<Input extends z.ZodType, Env extends z.ZodType, Deps>(
  options: PageOptions<Input, Env, Deps>,
): Page<Deps> {
  const bind = (wired: () => Deps): Mounted => ({
    route: options.page,
    async handle(event) {
      const caller = callerFor(event, options.access);
      const raw = { ...event.queryStringParameters, ...(options.page.method === 'POST' ? formOf(event) : {}) };
      const input = options.input.safeParse(raw);
      if (!input.success) throw SharedErrors.InvalidInput(describeIssues(input.error, raw));
      return answered(await options.run(wired(), input.data, { caller, event }));
    },
  });
  let deps: Deps | undefined;
  const fromEnv = () => {
    deps ??= options.wire(readEnv(options.env));
    return deps;
  };
  return { ...bind(fromEnv), with: (given) => bind(() => given) };
}

function callerFor(event: APIGatewayProxyEvent, access: 'anyone' | 'caller'): Caller | undefined {
  const context = event.requestContext?.authorizer;
  return access === 'anyone' && (!context?.['tokenId'] || context['refusal']) ? undefined : callerOf(event);
}

/** A token and where to go next; what is longer is no login. */
const MAX_FORM_CHARACTERS = 4096;

function formOf(event: APIGatewayProxyEvent): Record<string, string> {
  const refused = originRefusal(event, { required: true });
  if (refused) throw SharedErrors.OriginRefused(refused);
  const [type = ''] = headerValues(event, 'content-type');
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    throw SharedErrors.InvalidInput(
      `content-type: got ${JSON.stringify(type)}, expected application/x-www-form-urlencoded`,
    );
  const body = event.body ?? '';
  if (body.length > MAX_FORM_CHARACTERS)
    throw SharedErrors.BodyTooLarge(`body: got ${body.length} characters, at most ${MAX_FORM_CHARACTERS} are taken`);
  const text = event.isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  return Object.fromEntries(new URLSearchParams(text));
}

const answered = ({ status, headers, html }: PageAnswer) =>
  new HttpAnswer({
    statusCode: status,
    headers: {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // Its own forms say the origin; to nobody else is anything said.
      'referrer-policy': 'same-origin',
      ...(html !== undefined && { 'content-type': 'text/html; charset=utf-8', 'x-frame-options': 'DENY' }),
      ...headers,
    },
    body: html ?? '',
  });
