import { matchPath } from '../shared/route.ts';
import { ServingErrors } from './errors.ts';

/** What a request of the Open Inference Protocol V2 asks for. */
export type OperationKind = 'server' | 'live' | 'ready' | 'models' | 'model' | 'model-ready' | 'infer';

export interface Operation {
  kind: OperationKind;
  /** As the path names them. */
  model?: string;
  version?: string;
}

/** The protocol's paths below `/{endpoint}`; each also stands for its form with a version. */
const TEMPLATES: readonly { method: 'GET' | 'POST'; path: string; kind: OperationKind }[] = [
  { method: 'GET', path: '/v2', kind: 'server' },
  { method: 'GET', path: '/v2/health/live', kind: 'live' },
  { method: 'GET', path: '/v2/health/ready', kind: 'ready' },
  { method: 'GET', path: '/v2/models', kind: 'models' },
  { method: 'GET', path: '/v2/models/{model}', kind: 'model' },
  { method: 'GET', path: '/v2/models/{model}/ready', kind: 'model-ready' },
  { method: 'POST', path: '/v2/models/{model}/infer', kind: 'infer' },
  { method: 'GET', path: '/v2/models/{model}/versions/{version}', kind: 'model' },
  { method: 'GET', path: '/v2/models/{model}/versions/{version}/ready', kind: 'model-ready' },
  { method: 'POST', path: '/v2/models/{model}/versions/{version}/infer', kind: 'infer' },
];

/**
 * Reads the operation from method and path. The one path that traffic takes is known by heart; all others are
 * matched one by one.
 * @throws EndpointUnknown for a path that the protocol does not have @throws MethodNotTaken
 */
export function operations(endpoint: string, model: string): (method: string, path: string) => Operation {
  const hot = `/${endpoint}/v2/models/${model}/infer`;
  const infer: Operation = { kind: 'infer', model };
  return (method, path) => {
    if (method === 'POST' && path === hot) return infer;
    const known = TEMPLATES.map((each) => ({ each, values: matchPath(`/{endpoint}${each.path}`, path) })).filter(
      ({ values }) => values?.['endpoint'] === endpoint,
    );
    const match = known.find(({ each }) => each.method === method);
    if (match) {
      const { model: named, version } = match.values ?? {};
      return { kind: match.each.kind, model: named, version };
    }
    if (known[0]) throw ServingErrors.MethodNotTaken(`method: got ${method}, this path takes ${known[0].each.method}`);
    throw ServingErrors.EndpointUnknown('path: got one that this endpoint does not have, it serves /v2');
  };
}

/**
 * That the operation names this model, and this version where it names one.
 * @throws ModelUnknown @throws ModelVersionUnknown
 */
export function requireNamed({ model, version }: Operation, served: { model: string; version: string }): void {
  if (model !== undefined && model !== served.model) {
    throw ServingErrors.ModelUnknown(
      `model: got ${JSON.stringify(model.slice(0, 80))}, this endpoint serves ${served.model}`,
    );
  }
  if (version !== undefined && version !== served.version) {
    throw ServingErrors.ModelVersionUnknown(
      `version: got ${JSON.stringify(version.slice(0, 80))}, this endpoint serves version ${served.version}`,
    );
  }
}
