import * as z from 'zod';
import { datasetJsonSchema } from '../../lambdas/data/contract.ts';
import { verb } from '../verb.ts';

export const dataRuleVerbs = [
  verb({
    name: 'data schema',
    summary: 'Print the JSON Schema of dataset specs, for editors that check and complete YAML.',
    input: z.object({}),
    positionals: [],
    examples: ['millrace data schema > docs/schemas/dataset.schema.json'],
    run: async () => datasetJsonSchema(),
  }),
];
