import type { Int64 } from './int64.ts';
import type { Run } from './run.ts';
import type { SearchableDataset } from './search-match.ts';

/** What the search index keeps of a run. */
export interface RunRow {
  runId: string;
  name: string;
  userId: string;
  status: string;
  /** Milliseconds since 1970. */
  startTime?: number;
  endTime?: number;
  artifactUri: string;
  stage: 'active' | 'deleted';
  /** The experiment's era in which `stage` was set. */
  era: number;
  params: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  /** The latest value of each. */
  metrics: Readonly<Record<string, number>>;
  datasets: readonly SearchableDataset[];
}

const CONTEXT_TAG = 'mlflow.data.context';
const time = (value: Int64 | undefined): number | undefined => (value === undefined ? undefined : Number(value));

export const runRowOf = (run: Run, latest: readonly { key: string; value: number }[]): RunRow => ({
  runId: run.runId,
  name: run.name,
  userId: run.userId,
  status: run.status,
  startTime: time(run.startTime),
  endTime: time(run.endTime),
  artifactUri: run.artifactUri,
  stage: run.stage,
  era: run.era,
  params: run.params,
  tags: run.tags,
  metrics: Object.fromEntries(latest.map(({ key, value }) => [key, value])),
  datasets: run.datasets.map(({ name, digest, tags }) => {
    const context = tags.find(({ key }) => key === CONTEXT_TAG)?.value;
    return context === undefined ? { name, digest } : { name, digest, context };
  }),
});
