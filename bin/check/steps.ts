import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { budgetComplaints, type FunctionCode } from './bundle-budgets.ts';
import { command, type Result, ROOT, tool } from './command.ts';
import { complaintsAbout } from './file-rules.ts';
import { pathsBelow, repositoryFiles } from './repository-files.ts';
import type { Step } from './run-steps.ts';
import { workflowComplaints } from './workflow-rules.ts';

/** What the check leaves behind for the tests to read: the templates of `prod`. */
const ASSEMBLY = '.millrace/check/cdk.out';

const CODE = ['bin', 'lib', 'lambdas', 'test', 'bench', 'examples'].filter((folder) => existsSync(join(ROOT, folder)));

/** The slow ones first, so that two lanes end together. */
export const STEPS: readonly Step[] = [
  {
    name: 'types',
    proves: 'every file type-checks under the strict settings of tsconfig.json',
    run: async () => outputOf(await tool('typescript/bin/tsc', ['--project', '.', '--pretty', 'false'])),
  },
  {
    name: 'synth',
    proves: 'the stage prod synthesizes, and cdk-nag has no finding that is not acknowledged with a reason',
    run: async () => {
      rmSync(join(ROOT, ASSEMBLY), { recursive: true, force: true });
      const args = ['synth', '--quiet', '--no-notices', '--context', 'stage=prod', '--output', ASSEMBLY];
      return outputOf(await tool('aws-cdk/bin/cdk', args));
    },
  },
  {
    name: 'templates',
    proves: 'cfn-lint finds no error in the templates of prod',
    after: 'synth',
    run: lintTemplates,
  },
  {
    name: 'bundles',
    proves: "no function's code is over its budget (bin/check/bundle-budgets.ts)",
    after: 'synth',
    run: async () => budgetComplaints(functionsOfAssembly()),
  },
  {
    name: 'lint',
    proves: 'Biome has nothing to say about lint, format and import order',
    run: async () => outputOf(await tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])),
  },
  {
    name: 'imports',
    proves: 'every import keeps the rules of .dependency-cruiser.mjs',
    run: async () =>
      outputOf(await tool('dependency-cruiser/bin/dependency-cruiser.mjs', ['--output-type', 'err', ...CODE])),
  },
  {
    name: 'unused',
    proves: 'knip finds no file, export or dependency that nothing uses',
    run: async () => outputOf(await tool('knip/bin/knip.js', ['--no-progress', '--no-config-hints'])),
  },
  {
    name: 'workflows',
    proves: 'every state machine is valid, and each task has its timeout, its retries and its catch',
    run: async () =>
      pathsBelow('state-machines')
        .filter((path) => path.endsWith('.asl.json'))
        .flatMap((path) =>
          workflowComplaints(readFileSync(join(ROOT, path), 'utf8')).map((what) => `${path}: ${what}`),
        ),
  },
  {
    name: 'files',
    proves: 'sizes, names and forbidden texts of the files (bin/check/file-rules.ts)',
    run: async () => complaintsAbout(repositoryFiles()).map(({ rule, path, why }) => `${path}: ${why} (${rule})`),
  },
];

/** The chosen steps (all, where none is chosen) with those that they read from. */
export const stepsNamed = (names: readonly string[]): Step[] =>
  STEPS.filter(
    ({ name }) =>
      names.length === 0 || names.includes(name) || STEPS.some((s) => names.includes(s.name) && s.after === name),
  );

const outputOf = ({ code, output }: Result): string[] =>
  code === 0 ? [] : [output.trim() || `ended with code ${code}`];

const templates = () => readdirSync(join(ROOT, ASSEMBLY)).filter((name) => name.endsWith('.template.json'));

interface LambdaResource {
  Type: string;
  Properties: { FunctionName?: string };
  Metadata?: { 'aws:asset:path'?: string };
}

/** The functions of the synthesized stage with the size of what was bundled for each. */
function functionsOfAssembly(): FunctionCode[] {
  return templates().flatMap((name) => {
    const { Resources } = JSON.parse(readFileSync(join(ROOT, ASSEMBLY, name), 'utf8')) as {
      Resources: Record<string, LambdaResource>;
    };
    return Object.values(Resources).flatMap(({ Type, Properties, Metadata }) => {
      const asset = Metadata?.['aws:asset:path'];
      if (Type !== 'AWS::Lambda::Function' || asset === undefined) return [];
      const { size } = statSync(join(ROOT, ASSEMBLY, asset, 'index.mjs'));
      return [{ name: String(Properties.FunctionName).replace(/^millrace-prod-/, ''), bytes: size }];
    });
  });
}

async function lintTemplates(): Promise<string[]> {
  const folder = join(ROOT, '.millrace/venv', process.platform === 'win32' ? 'Scripts' : 'bin');
  const linter = join(folder, 'cfn-lint');
  if (!existsSync(linter)) return ["cfn-lint is not in the project's Python environment: npm test sets it up"];
  // Errors fail, warnings do not: among them are those about types newer than the linter.
  const args = ['--non-zero-exit-code', 'error', '--ignore-checks', 'W', '--'];
  return outputOf(await command(linter, [...args, ...templates().map((name) => join(ASSEMBLY, name))]));
}
