/** What a step answers: a value, or made from its input and how often it was called before. */
type Answer = unknown | ((input: Record<string, unknown>, call: number) => unknown);
type Answers = Record<string, Answer>;

/** How to lead one state machine everywhere: what its steps answer decides where it goes. */
export interface Walk {
  input: unknown;
  /** What each step answers when all goes well. */
  well: Answers;
  /** What else has to be answered to come to a state, or to take a choice (`State → Next`), that all going well does not. */
  to: Record<string, Answers>;
}

const fails = (name: string) => () => {
  throw Object.assign(new Error(`${name} was planned`), { name });
};
const adopted = { 'resolve-training': { place: 'adopt', trainedIn: 'r1' } };
const job = { 'resolve-training': { place: 'job', trainedIn: 'r1' } };
const measured = ({ endpoint }: Record<string, unknown>) => ({ endpoint, outcome: 'measured' });
const unmeasured = { 'measure-drift': { endpoint: 'rain', outcome: 'too-few' } };
const failedCheck = { results: [{ endpoint: 'rain', outcome: 'failed', error: 'planned' }] };

/** A file in one part, once: when its parts are to be taken again it is taken whole. */
const split = {
  'ingest-object': (_: unknown, call: number) =>
    call === 0 ? { status: 'split', plan: { parts: [{ index: 0, from: 0, to: 1 }] } } : { status: 'succeeded' },
};

export const WALKS: Record<string, Walk> = {
  'data/ingest-dataset': {
    input: { detail: { object: { key: 'default/weather/2026-01-05/u/a.csv', size: 4, etag: 'e' } } },
    well: {
      'ingest-object': { status: 'succeeded' },
      'ingest-part': { part: 0 },
      'finish-ingestion': { status: 'succeeded' },
      'record-failure': {},
    },
    to: {
      'WasItSplit → IngestParts': split,
      IngestPart: split,
      'AllTaken → IngestObject': { ...split, 'ingest-part': fails('SpecChanged') },
      'AllTaken → RecordFailure': { ...split, 'ingest-part': fails('CuratedFileDamaged') },
      'AllTaken → FinishIngestion': split,
      FinishIngestion: split,
      RecordFailure: { 'ingest-object': fails('CuratedFileDamaged') },
    },
  },
  'data/flush-records': {
    input: { workspace: 'default', dataset: 'weather', segment: 's', openedAt: '2026-01-05T09:00:00Z', seconds: 0 },
    well: { 'flush-records': { key: 'default/weather/2026-01-05/s/records.jsonl' }, 'record-flush-failure': {} },
    to: { RecordFailure: { 'flush-records': fails('InvalidInput') } },
  },
  'data/join-features': {
    input: { workspace: 'default', set: 'daily', join: 'j1', format: 'csv' },
    well: { 'join-features': { key: 'default/daily/joins/j1.csv' } },
    to: {},
  },
  'data/materialise-features': {
    input: { detail: { workspace: 'default', dataset: 'weather' } },
    well: {
      'find-features': { sets: [{ workspace: 'default', set: 'daily' }] },
      'compute-features': { outcome: 'computed', materialisation: { pages: 2, entities: 3, number: 1 } },
      'write-features': { outcome: 'written' },
      'finish-features': { outcome: 'materialised' },
      'record-failure': { set: 'daily', outcome: 'failed' },
    },
    to: {
      'IsComputed → NothingToWrite': { 'compute-features': { outcome: 'current' } },
      'IsWritten → Overtaken': { 'write-features': { outcome: 'overtaken' } },
      'AllWell → MaterialisationFailed': { 'write-features': fails('ServiceUnavailable') },
      RecordFailure: { 'compute-features': fails('FeatureUncomputable') },
    },
  },
  'data/check-datasets': {
    input: {},
    well: { 'check-datasets': { watched: 0, stale: [] } },
    to: {},
  },
  'data/label-objects': {
    input: { workspace: 'default', dataset: 'sky-labels', run: 'r1', items: [{ id: 'p1', text: 'clear' }] },
    well: {
      'prepare-labelling': { LabelingJobName: 'millrace-r1-0' },
      '${CreateLabelingJob}': { LabelingJobArn: 'arn' },
      '${DescribeLabelingJob}': { LabelingJobStatus: 'Completed' },
      'collect-labels': { labels: 1 },
    },
    to: {
      'Ended → AwaitLabels': {
        '${DescribeLabelingJob}': (_: unknown, call: number) => ({
          LabelingJobStatus: call === 0 ? 'InProgress' : 'Completed',
        }),
      },
      'Ended → LabellingFailed': {
        '${DescribeLabelingJob}': { LabelingJobStatus: 'Failed', FailureReason: 'planned' },
      },
    },
  },
  'data/refine-with-spark': {
    input: { workspace: 'default', dataset: 'flights', files: 'default/flights/2026-01-05/u/*.csv', run: 'r1' },
    well: {
      'prepare-spark': { name: 'default-flights-r1', arguments: ['--spec', 's3://curated/spec.json'] },
      '${SparkResource}': { JobRunId: 'j1', State: 'SUCCESS' },
      'collect-spark': { rows: { fresh: 1 } },
    },
    to: {},
  },
  'data/delete-versions': {
    input: {},
    well: {
      'find-versions': { versions: [{ workspace: 'default', dataset: 'weather', number: 1 }] },
      'erase-version': { outcome: 'erased' },
    },
    to: {
      'MoreToErase → EraseVersion': {
        'erase-version': (_: Record<string, unknown>, call: number) =>
          call < 1 ? { outcome: 'more', from: 7 } : { outcome: 'erased' },
      },
      'AllDeleted → DeletionFailed': { 'erase-version': fails('ManifestDamaged') },
    },
  },
  'training/train-model': {
    input: { workspace: 'default', runId: 'r1', attempt: 1 },
    well: {
      'resolve-training': { place: 'function', trainedIn: 'r1' },
      'train-model': { trainedIn: 'r1' },
      'prepare-job': { request: { TrainingJobName: 'millrace-r1-1' } },
      '${TrainResource}': { ModelArtifacts: { S3ModelArtifacts: 's3://artifacts/model.tar.gz' } },
      'collect-model': { trainedIn: 'r1' },
      'adopt-model': { trainedIn: 'r1' },
      'evaluate-model': { trainedIn: 'r1' },
      'judge-model': { trainedIn: 'r1', passed: true },
      'package-model': { trainedIn: 'r1', bundle: 'sha256:b' },
      'register-model': { status: 'succeeded' },
      'reject-model': { status: 'rejected' },
      'record-failure': { name: 'Planned', message: 'recorded' },
    },
    to: {
      'Place → Evaluate': { 'resolve-training': { place: 'cache', trainedIn: 'r0' } },
      'Place → PrepareJob': job,
      'Place → Adopt': adopted,
      Adopt: adopted,
      'Place → UnknownPlace': { 'resolve-training': { place: 'moon', trainedIn: 'r1' } },
      PrepareJob: job,
      TrainByScript: job,
      CollectModel: job,
      'Passed → Reject': { 'judge-model': { trainedIn: 'r1', passed: false } },
      Reject: { 'judge-model': { trainedIn: 'r1', passed: false } },
      RecordFailure: { 'resolve-training': fails('RunMissing') },
    },
  },
  'serving/roll-out-model': {
    input: { workspace: 'default', rollout: 'o1', attempt: 1 },
    well: {
      begin: { shares: 1 },
      publish: { functionVersion: '2' },
      golden: {},
      shift: { waitSeconds: 0 },
      judge: { decision: 'proceed', waitSeconds: 0 },
      complete: {},
      end: {},
    },
    to: {
      'IsJudged → Bake': {
        judge: (_: unknown, call: number) => ({ decision: call === 0 ? 'wait' : 'proceed', waitSeconds: 0 }),
      },
      End: { publish: fails('BundleTampered') },
    },
  },
  'monitoring/check-drift': {
    input: { workspace: 'default', endpoint: 'rain' },
    well: {
      'find-endpoints': { checks: [{ workspace: 'default', endpoint: 'rain' }] },
      'measure-drift': measured,
      'publish-drift': {},
      'record-failure': failedCheck,
    },
    to: {
      'AnythingMeasured → NothingToPublish': unmeasured,
      'AllJudged → CheckFailed': { 'publish-drift': fails('InvalidInput') },
      RecordFailure: { 'measure-drift': fails('BundleTampered') },
      RecordCheckFailure: { 'find-endpoints': fails('EndpointUnwatched') },
    },
  },
};
