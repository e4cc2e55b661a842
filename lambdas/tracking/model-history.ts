import { isDeepStrictEqual } from 'node:util';
import { TrackingErrors } from './errors.ts';
import { merged, type Run } from './run.ts';

/** Where clients of MLflow 2 find the models of a run: JSON of a list. */
const HISTORY_TAG = 'mlflow.log-model.history';
const MANDATORY = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'];

type Json = Record<string, unknown>;

/** What the history says of a model, of its MLmodel file as JSON. @throws RequestInvalid */
export function historyEntryOf(text: string): Json {
  const model = parsed(text);
  const missing = MANDATORY.filter((field) => !Object.hasOwn(model, field));
  if (missing.length > 0) {
    throw TrackingErrors.RequestInvalid(
      `Model json is missing mandatory fields: {${missing.map((field) => `'${field}'`).join(', ')}}`,
    );
  }
  const { run_id, artifact_path, utc_time_created, model_uuid = null, flavors } = model;
  return { run_id, artifact_path, utc_time_created, model_uuid, flavors: withoutConfig(flavors) };
}

function parsed(text: string): Json {
  try {
    const model: unknown = JSON.parse(text);
    if (model !== null && typeof model === 'object' && !Array.isArray(model)) return model as Json;
  } catch {
    // Falls through: it is told like JSON that is no object.
  }
  throw TrackingErrors.RequestInvalid(`Malformed model info. \n ${text.slice(0, 500)} \n is not a valid JSON.`);
}

/** A flavor's `config` may be long, and is in the file. */
function withoutConfig(flavors: unknown): unknown {
  if (flavors === null || typeof flavors !== 'object' || Array.isArray(flavors)) {
    throw TrackingErrors.RequestInvalid('model_json: flavors must be an object of flavors by name');
  }
  return Object.fromEntries(
    Object.entries(flavors).map(([name, flavor]: [string, unknown]) => {
      if (flavor === null || typeof flavor !== 'object' || Array.isArray(flavor)) return [name, flavor];
      const { config: _config, ...rest } = flavor as Json;
      return [name, rest];
    }),
  );
}

/** The run with one more model in its history; the same one again is the same. */
export function withHistoryEntry(run: Run, entry: Json): Run {
  const before = historyOf(run);
  if (before.some((other) => isDeepStrictEqual(other, entry))) return run;
  return { ...run, tags: merged(run.tags, [{ key: HISTORY_TAG, value: JSON.stringify([...before, entry]) }]) };
}

function historyOf({ runId, tags }: Run): unknown[] {
  const text = Object.hasOwn(tags, HISTORY_TAG) ? tags[HISTORY_TAG] : undefined;
  if (text === undefined) return [];
  try {
    const history: unknown = JSON.parse(text);
    if (Array.isArray(history)) return history;
  } catch {
    // Falls through: anybody may set the tag to anything.
  }
  throw TrackingErrors.RequestInvalid(`run ${runId}: its tag ${HISTORY_TAG} is no JSON list, so no model can be added`);
}
