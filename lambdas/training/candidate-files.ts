import { parseDocument } from 'yaml';
import type { ModelVersionFact } from '../registry/contract.ts';
import { type Digest, digestOf } from '../shared/digest.ts';
import type { ObjectStore } from '../shared/objects.ts';
import { findRoot } from '../tracking/contract.ts';
import { TrainingErrors } from './errors.ts';

/** The one file of a client's version that the platform opens, and the description that named it. */
export interface CandidateModel {
  key: string;
  /** Of the MLmodel file: it says with what the model was made. */
  code: Digest;
  /** `onnx 1.19.0`, as MLflow wrote it down. */
  flavour: string;
}

/** A description has a signature and an example in it, and is never this long. */
const MOST_DESCRIPTION = 1024 * 1024;
/** What an endpoint can load; the scanner asks again, by what it reads. */
const MOST_MODEL = 200 * 1024 * 1024;

/**
 * Finds the ONNX file among a version's artifacts. Whatever else is there is not opened: pickles and their kind run
 * code when they are read.
 * @throws CandidateUnusable with the reason in words, which become the version's tag
 */
export async function findCandidateModel(
  artifacts: ObjectStore,
  workspace: string,
  version: ModelVersionFact,
): Promise<CandidateModel> {
  const folder = folderOf(artifacts, workspace, version);
  const text = await readSmall(artifacts, `${folder}/MLmodel`);
  const flavours = flavoursOf(text);
  const onnx = flavours['onnx'];
  if (!onnx) throw unusable(`${formatOf(flavours)} is stored, never loaded`);
  const { data = 'model.onnx', onnx_version: made } = onnx;
  if (typeof data !== 'string' || !/^[\w-][\w.-]*$/.test(data)) {
    throw unusable(`MLmodel: flavors.onnx.data: got ${JSON.stringify(data)}, expected the name of a file beside it`);
  }
  const key = `${folder}/${data}`;
  const facts = await artifacts.head(key);
  if (!facts) throw unusable(`${data}: the MLmodel file names it, and it is not there`);
  if (facts.bytes > MOST_MODEL)
    throw unusable(`${data}: has ${facts.bytes} bytes, at most ${MOST_MODEL} can be served`);
  return { key, code: digestOf(text), flavour: `onnx ${typeof made === 'string' ? made : 'of an unknown release'}` };
}

/** Only the workspace's own files: what is elsewhere is never fetched. */
function folderOf(
  { bucket }: ObjectStore,
  workspace: string,
  { source = '', storage = source }: ModelVersionFact,
): string {
  const root = findRoot(storage, { workspace, bucket });
  if (root !== undefined && root !== `${workspace}/mlflow`) return root;
  throw unusable(`its files are at ${storage.slice(0, 200) || 'no place'}, outside of the platform's storage`);
}

async function readSmall(artifacts: ObjectStore, key: string): Promise<string> {
  const facts = await artifacts.head(key);
  if (!facts) throw unusable('there is no MLmodel file among its artifacts');
  if (facts.bytes > MOST_DESCRIPTION) {
    throw unusable(`MLmodel: has ${facts.bytes} bytes, at most ${MOST_DESCRIPTION} are read`);
  }
  return Buffer.from((await artifacts.get(key)) ?? []).toString('utf8');
}

type Flavours = Record<string, Record<string, unknown>>;

function flavoursOf(text: string): Flavours {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) throw unusable(`MLmodel: is no YAML: ${problem.message.split('\n')[0]}`);
  const { flavors } = (aliasesBounded(document) ?? {}) as { flavors?: unknown };
  if (flavors !== null && typeof flavors === 'object' && !Array.isArray(flavors)) {
    const named = Object.entries(flavors).filter(([, value]) => value !== null && typeof value === 'object');
    return Object.fromEntries(named) as Flavours;
  }
  throw unusable('MLmodel: names no flavors');
}

/** A few anchors that name each other can stand for gigabytes. */
function aliasesBounded(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch {
    throw unusable('MLmodel: its aliases stand for more than is read');
  }
}

function formatOf(flavours: Flavours): string {
  const name = Object.keys(flavours).find((each) => each !== 'python_function') ?? 'python_function';
  const by = flavours[name]?.['serialization_format'];
  // scikit-learn's own way of saying nothing is to pickle; a Python function is code whatever it says.
  const how =
    typeof by === 'string' ? by : name === 'sklearn' ? 'pickle' : name === 'python_function' ? 'code' : undefined;
  return `format ${name}${how ? ` (${how})` : ''}`;
}

const unusable = (why: string) => TrainingErrors.CandidateUnusable(why.slice(0, 500));
