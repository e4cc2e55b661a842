import { conformanceTests } from './conformance.ts';

// What the methods of MlflowClient do.
await conformanceTests(
  'experiments',
  'runs',
  'metrics',
  'search_runs',
  'logged_models',
  'artifacts',
  'registry',
  'registry_search',
  'prompts',
  'methods',
);
