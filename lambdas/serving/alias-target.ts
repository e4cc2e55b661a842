import { ServingErrors } from './errors.ts';
import type { AliasState, EndpointFunctions } from './ports.ts';
import type { AliasTarget, RolloutFact } from './rollout.ts';

export const entirely = (functionVersion: string): AliasTarget => ({ functionVersion, weights: {} });

export const sameTarget = (a: AliasTarget, b: AliasTarget): boolean =>
  a.functionVersion === b.functionVersion &&
  Object.keys(a.weights).length === Object.keys(b.weights).length &&
  Object.entries(a.weights).every(([version, weight]) => b.weights[version] === weight);

/** Whether an alias points where this rollout found it, or where it put it itself. */
export function isOurs(alias: AliasTarget, { before, candidate }: RolloutFact): boolean {
  if (!before || sameTarget(alias, before)) return true;
  const versions = [alias.functionVersion, ...Object.keys(alias.weights)];
  return (
    candidate !== undefined &&
    versions.every((each) => [before.functionVersion, candidate.functionVersion].includes(each))
  );
}

/**
 * Moves the alias, if it is not there yet and still is where this rollout left it.
 * @throws AliasForeign when somebody else moved it @throws AliasMoved when it moved just now
 */
export async function moveTo(
  functions: EndpointFunctions,
  functionName: string,
  fact: RolloutFact,
  alias: AliasState,
  target: AliasTarget,
): Promise<void> {
  if (sameTarget(alias, target)) return;
  if (!isOurs(alias, fact)) {
    throw ServingErrors.AliasForeign(
      `alias of ${functionName}: points at version ${alias.functionVersion}, where rollout ${fact.id} did not put it`,
    );
  }
  await functions.moveAlias(functionName, target, alias.revision);
}
