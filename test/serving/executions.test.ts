import { describe } from '@jest/globals';
import { memoryExecutions } from '../fakes/memory-executions.ts';
import { executionsContract } from './executions.contract.ts';

describe('executions in memory', () => {
  const executions = memoryExecutions();
  executionsContract(
    () => executions,
    async (name) => executions.end(name, 'failed'),
  );
});
