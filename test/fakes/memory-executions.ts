import type { ExecutionStatus, Executions } from '../../lambdas/serving/ports.ts';

export interface MemoryExecutions extends Executions {
  /** What was started, in order; a name that was used before starts nothing. */
  started: { name: string; input: unknown }[];
  end(name: string, status: 'succeeded' | 'failed'): void;
}

/** The executions of one state machine, which run until a test ends them. */
export function memoryExecutions(): MemoryExecutions {
  const status = new Map<string, ExecutionStatus>();
  const started: MemoryExecutions['started'] = [];
  return {
    async start(name, input) {
      if (status.has(name)) return;
      status.set(name, 'running');
      started.push({ name, input: structuredClone(input) });
    },
    async status(name) {
      return status.get(name) ?? 'unknown';
    },
    started,
    end: (name, ended) => void status.set(name, ended),
  };
}
