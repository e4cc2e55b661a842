import type { ExecutionStatus, Executions } from '../../lambdas/training/ports.ts';

export interface TrainingExecutions extends Executions {
  /** Every execution by name, with its input. */
  started(): ReadonlyMap<string, unknown>;
  end(name: string, status: ExecutionStatus): void;
}

/** The executions of train-model in memory: one runs until a test ends it. */
export function trainingExecutions(): TrainingExecutions {
  const executions = new Map<string, { input: unknown; status: ExecutionStatus }>();
  return {
    async start(name, input) {
      if (executions.has(name)) return 'exists';
      executions.set(name, { input: structuredClone(input), status: 'running' });
      return 'started';
    },
    status: async (name) => executions.get(name)?.status,
    started: () => new Map([...executions].map(([name, { input }]) => [name, input])),
    end(name, status) {
      const execution = executions.get(name);
      if (!execution) throw new Error(`there is no execution ${name}`);
      execution.status = status;
    },
  };
}
