import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** Files of a tree laid out like this repository; each plant breaks one rule, in files that no other plant touches. */
interface Plant {
  rule: string;
  how: string;
  files: Record<string, string>;
}

const EMPTY = 'export const nothing = 0;\n';
/** Passes `nothing` on, so that every file of the tree exports the same name. */
const imports = (path: string) => `import { nothing as given } from '${path}';\nexport const nothing = given;\n`;
const importsType = (path: string) =>
  `import type { nothing } from '${path}';\nexport type Nothing = typeof nothing;\n`;

const PLANTS: Plant[] = [
  {
    rule: 'runtime-never-reaches-cdk',
    how: 'a handler two files away from the construct library',
    files: {
      'lambdas/registry/handlers/reach-cdk.ts': imports('../aws/near-cdk.ts'),
      'lambdas/registry/aws/near-cdk.ts': imports('aws-cdk-lib'),
    },
  },
  {
    rule: 'pure-stays-pure',
    how: 'a rule two files away from the file system',
    files: {
      'lambdas/registry/impure-rule.ts': imports('./impure-reader.ts'),
      'lambdas/registry/impure-reader.ts':
        "import { readFileSync } from 'node:fs';\nexport const nothing = readFileSync;\n",
    },
  },
  {
    rule: 'pure-stays-pure',
    how: 'a rule that calls AWS itself',
    files: { 'lambdas/registry/calls-aws.ts': imports('@aws-sdk/client-s3') },
  },
  {
    rule: 'unit-tests-run-no-engine',
    how: 'a unit test two files away from a process',
    files: {
      'test/registry/heavy.test.ts': imports('./heavy-builder.ts'),
      'test/registry/heavy-builder.ts': "import { spawn } from 'node:child_process';\nexport const nothing = spawn;\n",
    },
  },
  {
    rule: 'synth-sees-contracts-only',
    how: 'a construct that imports a rule',
    files: {
      'lib/registry/nosy-construct.ts': imports('../../lambdas/registry/inner-rule.ts'),
      'lambdas/registry/inner-rule.ts': EMPTY,
    },
  },
  {
    rule: 'domains-meet-at-contracts',
    how: 'a rule that imports a rule of another domain',
    files: {
      'lambdas/training/neighbourly.ts': imports('../registry/private-rule.ts'),
      'lambdas/registry/private-rule.ts': EMPTY,
    },
  },
  {
    rule: 'domains-meet-at-contracts',
    how: 'a command that imports a rule',
    files: {
      'bin/commands/nosy.ts': imports('../../lambdas/data/rule-of-data.ts'),
      'lambdas/data/rule-of-data.ts': EMPTY,
    },
  },
  {
    rule: 'stacks-meet-at-types',
    how: "a stack that imports another domain's construct as a value",
    files: {
      'lib/training/greedy-stack.ts': imports('../registry/signer-made-there.ts'),
      'lib/registry/signer-made-there.ts': EMPTY,
    },
  },
  {
    rule: 'domain-order',
    how: 'a contract that imports a contract to its right',
    files: { 'lambdas/data/backwards.ts': imports('../serving/contract.ts') },
  },
  {
    rule: 'domain-order',
    how: 'a stack that takes a stack to its right, even as a type',
    files: { 'lib/data/backwards-stack.ts': importsType('../serving/serving-stack.ts') },
  },
  {
    rule: 'shared-knows-no-domain',
    how: 'a shared file that imports a contract',
    files: { 'lambdas/shared/knowing.ts': imports('../lineage/contract.ts') },
  },
  {
    rule: 'handlers-are-leaves',
    how: 'an adapter that imports a handler',
    files: {
      'lambdas/data/aws/calls-handler.ts': imports('../handlers/some-verb.ts'),
      'lambdas/data/handlers/some-verb.ts': EMPTY,
    },
  },
  {
    rule: 'adapters-only-from-handlers',
    how: 'an example that imports an adapter',
    files: {
      'examples/weather/direct.ts': imports('../../lambdas/data/aws/some-store.ts'),
      'lambdas/data/aws/some-store.ts': EMPTY,
    },
  },
  {
    rule: 'only-the-app-synthesizes',
    how: 'a command that makes a stack',
    files: { 'bin/commands/synthesizing.ts': imports('../../lib/serving/serving-stack.ts') },
  },
  {
    rule: 'no-cycles',
    how: 'two files that import each other',
    files: { 'lambdas/serving/chicken.ts': imports('./egg.ts'), 'lambdas/serving/egg.ts': imports('./chicken.ts') },
  },
  {
    rule: 'nobody-imports-tests',
    how: 'a handler that imports a fake',
    files: { 'lambdas/data/handlers/faking.ts': imports('../../../test/fakes/memory-thing.ts') },
  },
];

/** What is allowed, beside the plants: a rule that also fires here is too strict. */
const ALLOWED: Record<string, string> = {
  'lambdas/lineage/contract.ts': imports('../shared/errors.ts'),
  'lambdas/shared/errors.ts': EMPTY,
  'lambdas/serving/contract.ts': imports('../lineage/contract.ts'),
  'lambdas/serving/rule.ts': imports('./contract.ts'),
  'lambdas/serving/aws/s3-models.ts': imports('@aws-sdk/client-s3'),
  'lambdas/serving/handlers/api.ts': imports('./show-endpoint.ts'),
  'lambdas/serving/handlers/show-endpoint.ts': imports('../aws/s3-models.ts'),
  'lib/shared/platform-thing.ts': imports('aws-cdk-lib'),
  'lib/lineage/lineage-stack.ts': imports('../shared/platform-thing.ts'),
  'lib/serving/serving-stack.ts':
    importsType('../lineage/lineage-stack.ts') + imports('../../lambdas/serving/contract.ts'),
  'bin/app.ts': imports('../lib/serving/serving-stack.ts'),
  'test/fakes/memory-thing.ts': EMPTY,
  'test/serving/show-endpoint.test.ts': imports('../../lambdas/serving/aws/s3-models.ts'),
  'node_modules/aws-cdk-lib/package.json': '{ "name": "aws-cdk-lib", "main": "index.js" }',
  'node_modules/aws-cdk-lib/index.js': 'exports.nothing = 0;\n',
  'node_modules/@aws-sdk/client-s3/package.json': '{ "name": "@aws-sdk/client-s3", "main": "index.js" }',
  'node_modules/@aws-sdk/client-s3/index.js': 'exports.nothing = 0;\n',
};

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

interface Report {
  summary: { violations: Violation[]; ruleSetUsed: { forbidden: { name: string }[] } };
}

describe('the rules of dependency-cruiser', () => {
  const root = mkdtempSync(join(tmpdir(), 'millrace-plants-'));
  let violations: Violation[] = [];
  let rules: { name: string }[] = [];

  beforeAll(() => {
    for (const [path, text] of Object.entries(Object.assign({}, ALLOWED, ...PLANTS.map(({ files }) => files)))) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text as string);
    }
    ({ violations, rules } = cruise(root));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  test.each(PLANTS)('$rule is broken by $how, and no other rule is', ({ rule, files }) => {
    const broken = violations.filter(({ from }) => Object.keys(files).includes(from));
    expect([...new Set(broken.map((violation) => violation.rule.name))]).toEqual([rule]);
  });

  test('what is allowed breaks none', () => {
    expect(violations.filter(({ from }) => from in ALLOWED)).toEqual([]);
  });

  test('every rule has a plant', () => {
    expect(new Set(PLANTS.map(({ rule }) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });
});

function cruise(root: string): { violations: Violation[]; rules: { name: string }[] } {
  const repository = join(import.meta.dirname, '../..');
  const cli = join(repository, 'node_modules/.bin/depcruise');
  const roots = ['bin', 'lib', 'lambdas', 'test', 'examples'];
  // Its exit code is the number of violations.
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [cli, '--config', join(repository, '.dependency-cruiser.mjs'), '--output-type', 'json', ...roots],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (!stdout) throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as Report;
  return { violations: summary.violations, rules: summary.ruleSetUsed.forbidden };
}
