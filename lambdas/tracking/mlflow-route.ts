import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Caller } from '../shared/caller.ts';
import type { Role } from '../shared/route.ts';
import { type Fields, type Message, readFields } from './fields.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who may: everyone with a role but `app` reads, people who experiment write, and anyone at all asks for `public`. */
export type Access = 'read' | 'write' | 'public';
export const ACCESS: Record<Exclude<Access, 'public'>, readonly Role[]> = {
  read: ['scientist', 'engineer', 'operator', 'approver', 'auditor'],
  write: ['scientist', 'engineer', 'operator'],
};

/** What a verb knows beside its input. */
export interface TrackingRequest {
  workspace: string;
  /** Absent only on a public route. */
  caller: Caller;
  event: APIGatewayProxyEvent;
  /** The values of the path's braces, decoded once. */
  path: Readonly<Record<string, string>>;
}

/** What goes back as it is: bytes, pages, redirects. */
export interface RawAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}
export class Raw {
  readonly answer: RawAnswer;
  constructor(answer: RawAnswer) {
    this.answer = answer;
  }
}

/**
 * One route of MLflow's REST API. `path` begins with `/mlflow/…` or `/mlflow-artifacts/…` and is mounted below
 * `/api/<version>` and `/ajax-api/<version>`; with version `root` it is mounted as it is.
 */
export interface MlflowRoute<Deps> {
  readonly method: HttpMethod;
  readonly path: string;
  readonly version: '2.0' | '3.0' | 'root';
  readonly access: Access;
  run(deps: Deps, raw: () => Record<string, unknown>, request: TrackingRequest): Promise<object | Raw>;
  /** Names of list fields, which a query repeats. */
  readonly lists: ReadonlySet<string>;
}

interface RouteOptions<F extends Fields, Deps> {
  method: HttpMethod;
  path: string;
  version?: '2.0' | '3.0' | 'root';
  access: Access;
  /** Left out for a route that reads its body itself. */
  input?: F;
  run: (deps: Deps, input: Message<F>, request: TrackingRequest) => Promise<object | Raw> | Promise<void>;
}

/** `routesOf<Deps>()` gives `route`, so that a noun's routes say once what they work with. */
export const routesOf =
  <Deps>() =>
  <const F extends Fields = Record<never, never>>(options: RouteOptions<F, Deps>): MlflowRoute<Deps> => {
    const { method, path, version = '2.0', access, input, run } = options;
    const lists = Object.entries(input ?? {}).flatMap(([name, { isList }]) => (isList ? [name] : []));
    return {
      method,
      path,
      version,
      access,
      lists: new Set(lists),
      async run(deps, raw, request) {
        const read = input ? readFields(input, { ...raw(), ...request.path }) : ({} as Message<F>);
        return (await run(deps, read, request)) ?? {};
      },
    };
  };

/** Every full path that a route answers at. */
export const mountedAt = ({ path, version }: Pick<MlflowRoute<never>, 'path' | 'version'>): string[] =>
  version === 'root' ? [path] : [`/api/${version}${path}`, `/ajax-api/${version}${path}`];
