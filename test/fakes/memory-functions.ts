import { createHash } from 'node:crypto';
import { ServingErrors } from '../../lambdas/serving/errors.ts';
import type { EndpointFunctions } from '../../lambdas/serving/ports.ts';
import type { AliasTarget } from '../../lambdas/serving/rollout.ts';

/** Answers a direct invocation of a version with this environment. */
export type Answer = (environment: Record<string, string>, payload: unknown) => Promise<unknown>;

export interface MemoryFunctions extends EndpointFunctions {
  /** Every version's environment, oldest first. */
  versions(): Record<string, string>[];
  /** Every place that the alias was moved to. */
  moves: AliasTarget[];
  /** What a deploy does: other code, and the template's environment alone. */
  deploy(code: string, environment?: Record<string, string>): void;
  /** Someone else's hand on the alias. */
  moveByHand(target: AliasTarget): void;
}

/** One endpoint's function in memory, as Lambda behaves: versions pin code and environment, revisions guard changes. */
export function memoryFunctions(answer: Answer = async () => ({ statusCode: 503, body: '{}' })): MemoryFunctions {
  let revision = 1;
  let code = 'code-1';
  let environment: Record<string, string> = { ENDPOINT: 'rain' };
  let publishedAt = 0;
  let aliasRevision = 1;
  let alias: AliasTarget = { functionVersion: '$LATEST', weights: {} };
  const versions: { code: string; environment: Record<string, string> }[] = [];
  const moves: AliasTarget[] = [];
  const hash = (text: string) => createHash('sha256').update(text).digest('base64');
  const at = (version?: string) => {
    if (version === undefined || version === '$LATEST') return { code, environment };
    const found = versions[Number(version) - 1];
    if (!found) throw ServingErrors.FunctionFailed(`there is no version ${version}`);
    return found;
  };
  return {
    async describe(_name, version) {
      const found = at(version);
      return {
        revision: String(revision),
        update: 'successful',
        codeSha256: hash(found.code),
        environment: { ...found.environment },
      };
    },
    async configure(_name, next, given) {
      if (given !== String(revision)) throw ServingErrors.FunctionMoved('the revision is not the latest');
      environment = { ...next };
      revision++;
    },
    async publish(_name, given) {
      if (given !== String(revision)) throw ServingErrors.FunctionMoved('the revision is not the latest');
      // Unchanged since the last publication, that version comes back.
      if (publishedAt !== revision) versions.push({ code, environment: { ...environment } });
      publishedAt = revision;
      return { functionVersion: String(versions.length) };
    },
    async alias() {
      return { ...structuredClone(alias), revision: String(aliasRevision) };
    },
    async moveAlias(_name, target, given) {
      if (given !== String(aliasRevision)) throw ServingErrors.AliasMoved('the revision is not the latest');
      for (const version of [target.functionVersion, ...Object.keys(target.weights)]) at(version);
      if (target.functionVersion === '$LATEST' && Object.keys(target.weights).length > 0) {
        throw ServingErrors.FunctionFailed('$LATEST shares no traffic');
      }
      alias = structuredClone(target);
      aliasRevision++;
      moves.push(structuredClone(target));
    },
    async invoke(_name, version, payload) {
      return answer(at(version).environment, payload);
    },
    versions: () => versions.map((each) => each.environment),
    moves,
    deploy(next, template = { ENDPOINT: 'rain' }) {
      code = next;
      environment = { ...template };
      revision++;
    },
    moveByHand(target) {
      alias = target;
      aliasRevision++;
    },
  };
}
