import type { CheckExecution, CheckExecutions } from '../../lambdas/monitoring/ports.ts';

export interface MemoryExecutions extends CheckExecutions {
  /** Ends a check that was started. */
  end(name: string, given: Partial<CheckExecution>): void;
}

/** The state machine's port in memory: a check runs until it is ended. */
export function memoryExecutions(): MemoryExecutions {
  const executions = new Map<string, CheckExecution>();
  return {
    async start(name, input) {
      if (executions.has(name)) return;
      executions.set(name, { status: 'running', startedAt: '2026-11-21T04:00:00.000Z', input: JSON.stringify(input) });
    },
    async show(name) {
      return executions.get(name);
    },
    end(name, given) {
      executions.set(name, {
        ...(executions.get(name) as CheckExecution),
        endedAt: '2026-11-21T04:00:02.000Z',
        ...given,
      });
    },
  };
}
