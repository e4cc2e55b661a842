import type { Announce } from './change-log.ts';
import type { Datasets } from './dataset-store.ts';
import type { ExperimentDeps } from './experiment-store.ts';
import type { ModelIndex } from './model-index.ts';
import type { RunIndexes } from './run-indexes.ts';

/** What the routes of experiments, runs and metrics work with. */
export interface TrackingDeps extends ExperimentDeps {
  /** Tells the search index of a run that is about to change. */
  announce: Announce;
  newRunId: () => string;
  /** A name for a run that was given none. */
  newRunName: () => string;
  /** The datasets that runs read. */
  datasets: Datasets;
  /** The runs of experiments that are searched. */
  indexes: RunIndexes;
  /** The logged models of experiments that are searched. */
  models: ModelIndex;
}
