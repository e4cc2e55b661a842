import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathsBelow } from '../../bin/check/repository-files.ts';
import { digestOfJson, hexOf } from '../../lambdas/shared/digest.ts';
import type { WaivedFinding } from '../../lib/shared/nag.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, '.millrace/synth');
const KEPT_MS = 3_600_000;

export interface Resource {
  Type: string;
  Condition?: string;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Properties?: Record<string, unknown>;
  Metadata?: Record<string, unknown>;
}
export interface StackTemplate {
  Resources: Record<string, Resource>;
  Conditions?: Record<string, unknown>;
  Parameters?: Record<string, unknown>;
}

/**
 * The templates of a stage by stack name, as bin/app.ts makes them, without bundling. They are kept until a file that
 * they are made from changes, so that the files of tests that read them share one synth.
 */
export function synthesizedApp(stage: string): Record<string, StackTemplate> {
  const folder = assemblyOf(stage);
  const templates = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  return Object.fromEntries(
    templates.map((name) => [name.replace('.template.json', ''), readJson<StackTemplate>(join(folder, name))]),
  );
}

/** What of cdk-nag's findings a stage's synth waived, and why. */
export const waivedIn = (stage: string): WaivedFinding[] => readJson(join(assemblyOf(stage), 'nag-waivers.json'));

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

function assemblyOf(stage: string): string {
  const sources = ['lib', 'lambdas', 'state-machines'].flatMap(pathsBelow).concat('bin/app.ts', 'cdk.json');
  const key = hexOf(digestOfJson(sources.map((path) => [path, statSync(join(ROOT, path)).mtimeMs]))).slice(0, 16);
  const kept = join(FOLDER, `${stage}-${key}`);
  if (!existsSync(kept)) synthesize(stage, kept);
  return kept;
}

/** Stages that are nobody's, for what no stage of cdk.json has. */
const TEST_STAGES = { edge: { edge: {}, endpoints: { rain: { model: 'rain' } } } };

function synthesize(stage: string, kept: string): void {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: { stages: object } };
  const stages = { ...context.stages, ...TEST_STAGES };
  mkdirSync(FOLDER, { recursive: true });
  for (const old of readdirSync(FOLDER).map((name) => join(FOLDER, name)))
    if (Date.now() - statSync(old).mtimeMs > KEPT_MS) rmSync(old, { recursive: true, force: true });
  const making = mkdtempSync(join(FOLDER, 'making-'));
  const { status, stderr } = spawnSync(process.execPath, ['bin/app.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_OUTDIR: making,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, stages, stage, 'aws:cdk:bundling-stacks': [] }),
    },
  });
  if (status !== 0) throw new Error(`bin/app.ts ended with ${status}: ${stderr}`);
  try {
    renameSync(making, kept);
  } catch (error) {
    // Another worker was first with the same.
    if (!existsSync(kept)) throw error;
  }
}
