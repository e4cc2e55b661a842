/** One figure of the stage's metrics, as of now. @throws ServiceUnavailable */
export type PublishMetric = (name: string, value: number) => Promise<void>;

/** A run of the state machine that checks drift. */
export interface CheckExecution {
  status: 'running' | 'succeeded' | 'failed';
  startedAt: string;
  endedAt?: string;
  /** JSON texts, as the workflow service keeps them. */
  input: string;
  output?: string;
  error?: string;
  cause?: string;
}

export interface CheckExecutions {
  /** Starts a check; a name that was started before stays the one check. */
  start(name: string, input: object): Promise<void>;
  show(name: string): Promise<CheckExecution | undefined>;
}
