import { dataVerbs } from './commands/data.ts';
import { dataCatalogueVerbs } from './commands/data-catalogue.ts';
import { featureVerbs } from './commands/data-features.ts';
import { dataImportVerbs } from './commands/data-import.ts';
import { dataLabelVerbs } from './commands/data-labels.ts';
import { dataProfileVerbs } from './commands/data-profile.ts';
import { qualityVerbs } from './commands/data-quality.ts';
import { dataRuleVerbs } from './commands/data-rules.ts';
import { dataSendVerbs } from './commands/data-send.ts';
import { dataVersionVerbs } from './commands/data-versions.ts';
import { driftVerbs } from './commands/drift.ts';
import { endpointVerbs } from './commands/endpoint.ts';
import { lineageVerbs } from './commands/lineage.ts';
import { localVerbs } from './commands/local.ts';
import { modelVerbs } from './commands/model.ts';
import { tokenVerbs } from './commands/token.ts';
import { trackingVerbs } from './commands/tracking.ts';
import type { Verb } from './verb.ts';

/** Every verb of the command line, in the order that help shows. */
export const verbs: readonly Verb[] = [
  ...localVerbs,
  ...dataVerbs,
  ...qualityVerbs,
  ...dataSendVerbs,
  ...featureVerbs,
  ...dataCatalogueVerbs,
  ...dataRuleVerbs,
  ...dataLabelVerbs,
  ...dataProfileVerbs,
  ...dataVersionVerbs,
  ...dataImportVerbs,
  ...modelVerbs,
  ...endpointVerbs,
  ...driftVerbs,
  ...lineageVerbs,
  ...trackingVerbs,
  ...tokenVerbs,
];
