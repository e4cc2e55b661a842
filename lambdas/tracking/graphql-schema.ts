/**
 * What the stock UI may ask for, under the names of MLflow 3.17's schema. An input's and an answer's fields are those of
 * the REST message of the same verb, in camel case. `LongString` is an int64 as text.
 */
export const GRAPHQL_SCHEMA = `
directive @component(name: String!) on QUERY | MUTATION

scalar LongString

type Query {
  mlflowGetExperiment(input: MlflowGetExperimentInput): MlflowGetExperimentResponse
  mlflowGetRun(input: MlflowGetRunInput): MlflowGetRunResponse
  mlflowSearchRuns(input: MlflowSearchRunsInput): MlflowSearchRunsResponse
  mlflowSearchModelVersions(input: MlflowSearchModelVersionsInput): MlflowSearchModelVersionsResponse
  mlflowListArtifacts(input: MlflowListArtifactsInput): MlflowListArtifactsResponse
  mlflowGetMetricHistoryBulkInterval(input: MlflowGetMetricHistoryBulkIntervalInput): MlflowGetMetricHistoryBulkIntervalResponse
  test(inputString: String): Test
}

input MlflowGetExperimentInput { experimentId: String }
input MlflowGetRunInput { runId: String, runUuid: String }
input MlflowSearchRunsInput {
  experimentIds: [String], filter: String, runViewType: MlflowViewType, maxResults: Int, orderBy: [String], pageToken: String
}
input MlflowSearchModelVersionsInput { filter: String, maxResults: LongString, orderBy: [String], pageToken: String }
input MlflowListArtifactsInput { runId: String, runUuid: String, path: String, pageToken: String }
input MlflowGetMetricHistoryBulkIntervalInput {
  runIds: [String], metricKey: String, startStep: Int, endStep: Int, maxResults: Int
}

enum MlflowViewType { ACTIVE_ONLY DELETED_ONLY ALL }
enum MlflowRunStatus { RUNNING SCHEDULED FINISHED FAILED KILLED }
enum MlflowModelVersionStatus { PENDING_REGISTRATION FAILED_REGISTRATION READY }
enum MlflowDeploymentJobConnectionState {
  DEPLOYMENT_JOB_CONNECTION_STATE_UNSPECIFIED NOT_SET_UP CONNECTED NOT_FOUND REQUIRED_PARAMETERS_CHANGED
}
enum MlflowModelVersionDeploymentJobStateDeploymentJobRunState {
  DEPLOYMENT_JOB_RUN_STATE_UNSPECIFIED NO_VALID_DEPLOYMENT_JOB_FOUND RUNNING SUCCEEDED FAILED PENDING APPROVAL
}

type ErrorDetail { field: String, message: String }
type ApiError { code: String, message: String, helpUrl: String, traceId: String, errorDetails: [ErrorDetail] }
type Test { output: String }

type MlflowGetExperimentResponse { experiment: MlflowExperiment, apiError: ApiError }
type MlflowExperiment {
  experimentId: String, name: String, artifactLocation: String, lifecycleStage: String, lastUpdateTime: LongString
  creationTime: LongString, tags: [MlflowExperimentTag!], effectiveTraceArchivalRetention: String, workspace: String
}
type MlflowExperimentTag { key: String, value: String }

type MlflowGetRunResponse { run: MlflowRunExtension, apiError: ApiError }
type MlflowSearchRunsResponse { runs: [MlflowRunExtension!], nextPageToken: String, apiError: ApiError }
type MlflowRunExtension {
  info: MlflowRunInfo, data: MlflowRunData, inputs: MlflowRunInputs, outputs: MlflowRunOutputs
  experiment: MlflowExperiment, modelVersions: [MlflowModelVersion!]
}
type MlflowRunInfo {
  runId: String, runUuid: String, runName: String, experimentId: String, userId: String, status: MlflowRunStatus
  startTime: LongString, endTime: LongString, artifactUri: String, lifecycleStage: String
}
type MlflowRunData { metrics: [MlflowMetricExtension!], params: [MlflowParam!], tags: [MlflowRunTag!] }
type MlflowMetricExtension {
  key: String, value: Float, timestamp: LongString, step: LongString
  datasetName: String, datasetDigest: String, modelId: String, runId: String
}
type MlflowParam { key: String, value: String }
type MlflowRunTag { key: String, value: String }
type MlflowRunInputs { datasetInputs: [MlflowDatasetInput!], modelInputs: [MlflowModelInput!] }
type MlflowDatasetInput { tags: [MlflowInputTag!], dataset: MlflowDataset }
type MlflowInputTag { key: String, value: String }
type MlflowDataset {
  name: String, digest: String, sourceType: String, source: String, schema: String, profile: String
}
type MlflowModelInput { modelId: String }
type MlflowRunOutputs { modelOutputs: [MlflowModelOutput!] }
type MlflowModelOutput { modelId: String, step: LongString }

type MlflowSearchModelVersionsResponse { modelVersions: [MlflowModelVersion!], nextPageToken: String, apiError: ApiError }
type MlflowModelVersion {
  name: String, version: String, creationTimestamp: LongString, lastUpdatedTimestamp: LongString, userId: String
  currentStage: String, description: String, source: String, runId: String, status: MlflowModelVersionStatus
  statusMessage: String, tags: [MlflowModelVersionTag!], runLink: String, aliases: [String], modelId: String
  modelParams: [MlflowModelParam!], modelMetrics: [MlflowModelMetric!]
  deploymentJobState: MlflowModelVersionDeploymentJobState
}
type MlflowModelVersionTag { key: String, value: String }
type MlflowModelParam { name: String, value: String }
type MlflowModelMetric {
  key: String, value: Float, timestamp: LongString, step: LongString
  datasetName: String, datasetDigest: String, modelId: String, runId: String
}
type MlflowModelVersionDeploymentJobState {
  jobId: String, runId: String, jobState: MlflowDeploymentJobConnectionState
  runState: MlflowModelVersionDeploymentJobStateDeploymentJobRunState, currentTaskName: String
}

type MlflowListArtifactsResponse { rootUri: String, files: [MlflowFileInfo!], nextPageToken: String, apiError: ApiError }
type MlflowFileInfo { path: String, isDir: Boolean, fileSize: LongString }

type MlflowGetMetricHistoryBulkIntervalResponse { metrics: [MlflowMetricWithRunId!], apiError: ApiError }
type MlflowMetricWithRunId { key: String, value: Float, timestamp: LongString, step: LongString, runId: String }
`;
