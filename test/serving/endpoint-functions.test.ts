import { describe } from '@jest/globals';
import { ServingErrors } from '../../lambdas/serving/errors.ts';
import { memoryFunctions } from '../fakes/memory-functions.ts';
import { endpointFunctionsContract } from './endpoint-functions.contract.ts';

describe('endpoint functions in memory', () => {
  endpointFunctionsContract(async () => ({
    name: 'endpoint',
    functions: memoryFunctions(async ({ BUNDLE }) => {
      if (BUNDLE === 'throws') throw ServingErrors.FunctionFailed('the version threw');
      return BUNDLE;
    }),
  }));
});
