import {
  isPrompt,
  latestByStage,
  showModel,
  showTaggedVersion,
  stageNamed,
  versionOfAlias,
} from '../registry/contract.ts';
import { TrackingErrors } from './errors.ts';
import type { RegistryDeps } from './registry-deps.ts';

/** What a client says its version is made of. */
export interface GivenSource {
  source: string;
  run_id?: string;
  model_id?: string;
}

/** The same once everything in it was looked up and found to belong together. */
export interface CheckedSource {
  source: string;
  runId?: string;
  modelId?: string;
  /** Where the files are, where `source` only names them. */
  storage?: string;
}

/** A source that is another version carries that one's run, model and place. */
interface NamedSource extends GivenSource {
  isVersion: boolean;
  storage?: string;
}

/** What prompts give for a source: they have no files. */
const PROMPT_SOURCES = ['dummy-source', 'prompt-template'];

/** @throws RequestInvalid */
export function checkPromptSource(source: string): CheckedSource {
  if (PROMPT_SOURCES.includes(source)) return { source };
  throw refuse(`Invalid prompt source: '${source}'. Prompt sources must use an MLflow placeholder.`);
}

/**
 * Checks where a version's files are said to be. A place in the platform's own storage must lie below the run or the
 * logged model that is named with it, so that nobody registers, and then reads, what is another's; a place elsewhere
 * is a note, which the platform never fetches.
 * @throws RequestInvalid @throws ModelMissing @throws ModelVersionMissing
 */
export async function checkSource(deps: RegistryDeps, workspace: string, given: GivenSource): Promise<CheckedSource> {
  const scheme = schemeOf(given.source);
  if (HOST_SCHEMES.has(scheme) && !isOwnPath(given.source)) {
    throw refuse(
      `'source' cannot use the '${scheme}' scheme: it addresses a host other than the tracking server's own artifact storage`,
    );
  }
  const named: NamedSource =
    scheme === 'models' ? await followModel(deps, workspace, given) : { ...given, isVersion: false };
  const { source } = named;
  const runId = named.run_id || undefined;
  const modelId = named.model_id || undefined;
  if (scheme === '' || scheme === 'file') throw refuseLocal(source, modelId ? 'model_id' : 'run_id');
  checkPath(source);
  if (named.isVersion) return { source, runId, modelId, storage: named.storage };
  if (modelId) return ofLoggedModel(deps, workspace, { source, runId, modelId });
  return ofRun(deps, workspace, source, runId);
}

/** `models:/<name>/<version>`, `@alias`, a stage or `latest`: the version that it names, with its run and model. */
async function followModel({ catalogue }: RegistryDeps, workspace: string, given: GivenSource): Promise<NamedSource> {
  const uri = parseModelUri(given.source);
  if ('modelId' in uri) return { ...given, isVersion: false };
  const { head, tags } = await showModel(catalogue, workspace, uri.name);
  if (isPrompt(tags)) {
    throw refuse(
      `Invalid model version source: '${given.source}'. Prompt versions cannot be used as model version sources.`,
    );
  }
  const version =
    uri.version ??
    (uri.alias !== undefined
      ? await versionOfAlias(catalogue, workspace, uri.name, uri.alias)
      : latest(latestByStage(head), uri.stage && stageNamed(uri.stage)));
  const { fact } = await showTaggedVersion(catalogue, { workspace, model: uri.name, version: version ?? 0 });
  const differs = (asked: string | undefined, has: string | undefined) => asked !== undefined && asked !== (has ?? '');
  if (differs(given.run_id, fact.runId) || differs(given.model_id, fact.modelId)) {
    throw refuse(
      `Invalid model version source: '${given.source}'. The run_id and model_id request parameters must match the referenced model version.`,
    );
  }
  return {
    isVersion: true,
    source: `models:/${uri.name}/${fact.version}`,
    run_id: given.run_id ?? fact.runId,
    model_id: given.model_id ?? fact.modelId,
    storage: fact.storage ?? fact.source,
  };
}

function latest<K>(byStage: Map<K, number>, stage: K | undefined | ''): number | undefined {
  return stage ? byStage.get(stage) : Math.max(0, ...byStage.values());
}

async function ofLoggedModel(
  { sources }: RegistryDeps,
  workspace: string,
  { source, runId, modelId }: { source: string; runId?: string; modelId: string },
): Promise<CheckedSource> {
  const scheme = schemeOf(source);
  if (scheme === 'runs') throw refuseOther(source, 'model_id');
  const uri = scheme === 'models' ? parseModelUri(source) : undefined;
  if (uri && (!('modelId' in uri) || uri.modelId !== modelId)) throw refuseOther(source, 'model_id');
  const isOwn = uri !== undefined || isOwnPath(source) || sources.isOwn(workspace, source);
  const model = await sources.loggedModel(workspace, modelId);
  if (!model && isOwn) throw refuseOther(source, 'model_id');
  if (model && isOwn && !uri && !isWithin(source, model.artifactUri)) throw refuseOther(source, 'model_id');
  const from = runId ?? model?.sourceRunId;
  return { source, modelId, ...(from && { runId: from }), ...(uri && model && { storage: model.artifactUri }) };
}

async function ofRun(
  { sources }: RegistryDeps,
  workspace: string,
  source: string,
  runId: string | undefined,
): Promise<CheckedSource> {
  const scheme = schemeOf(source);
  if (scheme === 'models') throw refuseOther(source, 'model_id');
  const isRuns = scheme === 'runs';
  if (!isRuns && !isOwnPath(source) && !sources.isOwn(workspace, source)) return { source, ...(runId && { runId }) };
  const root = runId === undefined ? undefined : await sources.runArtifacts(workspace, runId);
  if (runId === undefined || root === undefined) throw refuseOther(source, 'run_id');
  if (!isRuns) {
    if (!isWithin(source, root)) throw refuseOther(source, 'run_id');
    return { source, runId };
  }
  const [, named, rest = ''] = /^runs:\/+([^/]+)(?:\/(.*))?$/.exec(source) ?? [];
  if (named !== runId) throw refuseOther(source, 'run_id');
  return { source, runId, storage: rest ? `${root}/${rest}` : root };
}

type ModelUri = { modelId: string } | { name: string; version?: number; stage?: string; alias?: string };

/** MLflow's forms of a model's address. @throws RequestInvalid */
function parseModelUri(uri: string): ModelUri {
  const [, path = ''] = /^models:\/([^/].*)$/.exec(uri) ?? [];
  const parts = path.split('/');
  const [name = '', suffix] = parts;
  if (name.trim() === '' || parts.length > 2 || suffix?.trim() === '') throw refuseOther(uri, 'model_id');
  if (suffix !== undefined) {
    if (/^\d{1,9}$/.test(suffix)) return { name, version: Number(suffix) };
    return suffix.toLowerCase() === 'latest' ? { name } : { name, stage: suffix };
  }
  const at = name.lastIndexOf('@');
  if (at < 0) return { modelId: name };
  return { name: name.slice(0, at), alias: name.slice(at + 1) };
}

const schemeOf = (uri: string): string => /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase() ?? '';
const HOST_SCHEMES = new Set([
  'ftp',
  'sftp',
  'hdfs',
  'viewfs',
  'http',
  'https',
  'mlflow-artifacts',
  'r2',
  'b2',
  'abfss',
]);
/** In our own storage: `mlflow-artifacts:/…` without a host. */
const isOwnPath = (uri: string): boolean =>
  /^mlflow-artifacts:\/(?!\/)/i.test(uri) || /^mlflow-artifacts:\/\/\//i.test(uri);

/** Every form of `..` and NUL, however often it is encoded; `//` and `.` would be other names of one place. */
function checkPath(source: string): void {
  const decoded = decodedFully(source);
  const path = decoded.replace(/^[a-z][a-z0-9+.-]*:(\/\/[^/]*)?/i, '').split(/[?#]/)[0] ?? '';
  const parts = path.replace(/\/+/g, '/').replace(/\/$/, '').split('/').slice(1);
  const isBad =
    decoded.includes('\0') || decoded.split(/[/\\]/).includes('..') || parts.includes('.') || /^[^/]/.test(path);
  if (!isBad) return;
  throw refuse(
    `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
  );
}

function decodedFully(text: string): string {
  for (let rounds = 0; rounds < 20; rounds++) {
    const next = text.replaceAll('+', ' ').replace(/(%[0-9a-f]{2})+/gi, decodedOnce);
    if (next === text) return text;
    text = next;
  }
  // Nobody encodes a path twenty times for a good reason.
  return '..';
}

const decodedOnce = (bytes: string): string => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8');

function isWithin(source: string, root: string): boolean {
  const partsOf = (uri: string) =>
    uri
      .replace(/^[a-z-]+:\/*/i, '')
      .split('/')
      .filter(Boolean)
      .map(decodedFully);
  const inner = partsOf(source);
  const outer = partsOf(root);
  return schemeOf(source) === schemeOf(root) && outer.length > 0 && outer.every((part, i) => inner[i] === part);
}

const refuse = (text: string) => TrackingErrors.RequestInvalid(text);
const refuseOther = (source: string, field: 'run_id' | 'model_id') =>
  refuse(
    `Invalid model version source: '${source}'. The ${field} request parameter must identify the resource that contains the source.`,
  );
const refuseLocal = (source: string, field: 'run_id' | 'model_id') =>
  refuse(
    `Invalid model version source: '${source}'. To use a local path as a model version source, the ${field} request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the ${field}.`,
  );
