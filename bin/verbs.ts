import { dataVerbs } from './commands/data.ts';
import { dataImportVerbs } from './commands/data-import.ts';
import { dataVersionVerbs } from './commands/data-versions.ts';
import { driftVerbs } from './commands/drift.ts';
import { endpointVerbs } from './commands/endpoint.ts';
import { lineageVerbs } from './commands/lineage.ts';
import { localVerbs } from './commands/local.ts';
import { modelVerbs } from './commands/model.ts';
import { tokenVerbs } from './commands/token.ts';
import type { Verb } from './verb.ts';

/** Every verb of the command line, in the order that help shows. */
export const verbs: readonly Verb[] = [
  ...localVerbs,
  ...dataVerbs,
  ...dataVersionVerbs,
  ...dataImportVerbs,
  ...modelVerbs,
  ...endpointVerbs,
  ...driftVerbs,
  ...lineageVerbs,
  ...tokenVerbs,
];
