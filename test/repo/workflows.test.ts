import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { pathsBelow } from '../../bin/check/repository-files.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Step {
  uses?: string;
  run?: string;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, { steps: Step[]; permissions?: Record<string, string>; 'timeout-minutes'?: number }>;
}

const workflows = pathsBelow('.github/workflows').map((path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, workflow: parse(text) as Workflow };
});
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

describe('the workflows of this repository', () => {
  test.each(workflows)(
    '$path pins each action by its full commit, with the version beside it',
    ({ text, workflow }) => {
      const used = stepsOf(workflow).flatMap(({ uses }) => (uses ? [uses] : []));
      expect(used.length).toBeGreaterThan(0);
      for (const each of used) expect(each).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      const lines = text.split('\n').filter((line) => /^\s*(- )?uses: /.test(line));
      for (const line of lines) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    },
  );

  test.each(workflows)('$path may read the repository and nothing else, and every job ends', ({ workflow }) => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(workflow.jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      for (const [scope, level] of Object.entries(job.permissions ?? {}))
        expect([scope, level]).toEqual(scope === 'id-token' ? ['id-token', 'write'] : ['contents', 'read']);
    }
  });

  test.each(workflows)('$path puts no expression into a shell line, where its value would be code', ({ workflow }) => {
    for (const { run } of stepsOf(workflow)) expect(run ?? '').not.toContain('${{');
  });

  test('test what .ci/run tests, on the oldest Node and Python that are promised', () => {
    const [test] = workflows.filter(({ path }) => path.endsWith('/test.yml'));
    expect(stepsOf(test?.workflow as Workflow).at(-1)).toEqual({ run: '.ci/run' });
    expect(test?.text).toContain("node: '20'");
    expect(test?.text).toContain("python: '3.10'");
  });

  test('the template for model repositories runs only where another workflow calls it', () => {
    const [template] = workflows.filter(({ path }) => path.endsWith('/model-repository.yml'));
    expect(Object.keys(template?.workflow.on ?? {})).toEqual(['workflow_call']);
  });
});
