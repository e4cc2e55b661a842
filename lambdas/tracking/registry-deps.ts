import type { Clock } from '../shared/clock.ts';
import type { Table } from '../shared/table.ts';

/** What the registry asks of runs and logged models; whoever owns those answers. */
export interface VersionSources {
  /** Where a run's files lie (`mlflow-artifacts:/0/<run>/artifacts`); undefined where there is no such run. */
  runArtifacts(workspace: string, runId: string): Promise<string | undefined>;
  /** The logged model, or undefined. */
  loggedModel(workspace: string, modelId: string): Promise<LoggedModelSource | undefined>;
  /** Whether an address is of the workspace's own files, which the platform reads. */
  isOwn(workspace: string, uri: string): boolean;
  /** Adds the version to the model's tag `mlflow.modelVersions`, once however often it is told. */
  recordVersion(workspace: string, modelId: string, version: { name: string; version: string }): Promise<void>;
}

export interface LoggedModelSource {
  artifactUri: string;
  sourceRunId?: string;
}

export interface RegistryDeps {
  /** The catalogue. */
  catalogue: Table;
  sources: VersionSources;
  clock: Clock;
  /** A new id for each request that makes something: its retries inside carry it. */
  newId: () => string;
}
