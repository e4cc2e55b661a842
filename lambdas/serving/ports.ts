import type { AliasTarget } from './rollout.ts';

/** A function's `$LATEST`, or one of its versions, as Lambda describes it. */
export interface FunctionState {
  /** Changes with every change of code or configuration. */
  revision: string;
  /** `pending` while Lambda still applies the last change. */
  update: 'successful' | 'pending' | 'failed';
  reason?: string;
  /** Digest of the code package. */
  codeSha256: string;
  environment: Record<string, string>;
}

export interface AliasState extends AliasTarget {
  revision: string;
}

/** The port to the functions that serve endpoints. */
export interface EndpointFunctions {
  /** @throws FunctionFailed when there is no such function or version */
  describe(functionName: string, functionVersion?: string): Promise<FunctionState>;
  /**
   * Replaces the environment of `$LATEST`, if it still is at this revision.
   * @throws FunctionMoved when it is not @throws FunctionUpdating when Lambda is still at the change before
   */
  configure(functionName: string, environment: Record<string, string>, revision: string): Promise<void>;
  /**
   * Publishes `$LATEST` as it is at this revision. Unchanged since the last publication, that version comes back.
   * @throws FunctionMoved @throws FunctionUpdating
   */
  publish(functionName: string, revision: string, description: string): Promise<{ functionVersion: string }>;
  /** @throws FunctionFailed when there is no such alias */
  alias(functionName: string): Promise<AliasState>;
  /** Moves the alias, if it still is at this revision. @throws AliasMoved when it is not */
  moveAlias(functionName: string, target: AliasTarget, revision: string): Promise<void>;
  /** Calls one version directly, past the alias. @throws FunctionFailed when it threw */
  invoke(functionName: string, functionVersion: string, payload: unknown): Promise<unknown>;
}

export interface Metric {
  name: string;
  value: number;
  unit: 'Count' | 'Milliseconds';
}

/** The port to the stage's metrics. */
export type PublishMetrics = (metrics: readonly Metric[]) => Promise<void>;

/** How an execution of the state machine stands; `unknown` when none of that name was ever started. */
export type ExecutionStatus = 'running' | 'succeeded' | 'failed' | 'unknown';

/** The port to the executions of `roll-out-model`. */
export interface Executions {
  /** Starts one; a name that was used before starts nothing. */
  start(name: string, input: unknown): Promise<void>;
  status(name: string): Promise<ExecutionStatus>;
}
