import type { FeatureTable } from './feature-table.ts';
import type { GoldenTensor } from './golden.ts';

/** How an execution of the workflow stands. */
export type ExecutionStatus = 'running' | 'succeeded' | 'failed';

/** The workflow service, of one state machine. */
export interface Executions {
  /**
   * Starts an execution; `exists` when one of this name was started before, whatever became of it.
   * @throws ExecutionRefused when the service did not take it
   */
  start(name: string, input: unknown): Promise<'started' | 'exists'>;
  /** Undefined when there is none of this name. A timed-out or aborted one has failed. */
  status(name: string): Promise<ExecutionStatus | undefined>;
}

/** A model that runs. Its inputs are one FP32 tensor [rows, 1] for each feature. */
export interface LoadedModel {
  /** Every output of the model, in its own order, for all rows of the table. */
  run(table: FeatureTable): Promise<GoldenTensor[]>;
}

/** Makes a runnable model of ONNX bytes that the scanner has let pass. @throws TrainingOutputInvalid when no runtime takes it */
export type LoadModel = (onnx: Uint8Array) => Promise<LoadedModel>;
