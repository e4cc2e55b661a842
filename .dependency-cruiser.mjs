/**
 * Who may import whom. Each rule is named for what it protects (CONTRIBUTING.md has the table) and is proved by a
 * planted violation in test/repo/dependency-rules.test.ts.
 */

/** Imports point left only. */
const DOMAINS = [
  'lineage',
  'data',
  'registry',
  'tracking',
  'training',
  'serving',
  'monitoring',
  'governance',
  'fleet',
  'gateway',
];

const CDK = '(^|node_modules/)(aws-cdk-lib|constructs|cdk-nag|@aws-cdk)(/|$)';

/** What a rule of the platform decides without: files, processes, sockets, the environment, AWS, native libraries. */
const IMPURE = [
  '^(node:)?(fs|child_process|http|http2|https|net|tls|dgram|dns|os|process|worker_threads|cluster)(/|$)',
  '(^|node_modules/)(@aws-sdk|@smithy|@middy|aws4fetch|onnxruntime-node|@duckdb)(/|$)',
  '^lambdas/[^/]+/(aws|handlers)/',
  '^lambdas/shared/(env|endpoint|page|task|consumer|api)\\.ts$',
];

/** Directly below a domain, and what of `shared` is not one of the shapes of a handler. */
const PURE = [
  '^lambdas/(?!shared/)[^/]+/[^/]+\\.ts$',
  '^lambdas/shared/(?!env|endpoint|page\\.|task|consumer|api)[^/]+\\.ts$',
];

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    rule(
      'runtime-never-reaches-cdk',
      'what runs in a Lambda function knows nothing of synthesis, at any distance',
      { path: '^lambdas/' },
      { path: ['^lib/', CDK], reachable: true },
    ),
    rule(
      'pure-stays-pure',
      'what decides something can be tested with values alone, at any distance',
      { path: PURE },
      { path: IMPURE, reachable: true },
    ),
    rule(
      'synth-sees-contracts-only',
      'infrastructure sees of the runtime what its contract says',
      { path: '^lib/' },
      { path: '^lambdas/', pathNot: '^lambdas/([^/]+/contract|shared/[^/]+)\\.ts$' },
    ),
    rule(
      'domains-meet-at-contracts',
      'other domains and commands see of a domain what its contract says',
      { path: '^lambdas/(?!shared/)([^/]+)/' },
      { path: '^lambdas/', pathNot: ['^lambdas/($1|shared)/', '^lambdas/[^/]+/contract\\.ts$'] },
    ),
    rule(
      'domains-meet-at-contracts',
      'other domains and commands see of a domain what its contract says',
      { path: '^bin/' },
      { path: '^lambdas/', pathNot: ['^lambdas/shared/[^/]+\\.ts$', '^lambdas/[^/]+/contract\\.ts$'] },
    ),
    rule(
      'stacks-meet-at-types',
      "a stack is handed another domain's constructs, it does not make them",
      { path: '^lib/(?!shared/)([^/]+)/' },
      { path: '^lib/', pathNot: '^lib/($1|shared)/', dependencyTypesNot: ['type-only'] },
    ),
    ...DOMAINS.slice(0, -1).map((domain, i) =>
      rule(
        'domain-order',
        `${DOMAINS.join(' < ')}: imports point left only`,
        { path: `^(lambdas|lib)/${domain}/` },
        { path: `^(lambdas|lib)/(${DOMAINS.slice(i + 1).join('|')})/` },
      ),
    ),
    rule(
      'shared-knows-no-domain',
      'what every domain uses depends on none of them',
      { path: '^(lambdas|lib)/shared/' },
      { path: '^(lambdas|lib)/(?!shared/)' },
    ),
    rule(
      'handlers-are-leaves',
      'a handler is where a function begins: only the handler that mounts it and tests import it',
      { path: '^(bin|lib|lambdas|bench|examples)/', pathNot: '^lambdas/[^/]+/handlers/' },
      { path: '^lambdas/[^/]+/handlers/' },
    ),
    rule(
      'adapters-only-from-handlers',
      'handlers choose the adapters; everything else is given a port',
      { path: '^(bin|lib|lambdas|examples)/', pathNot: '^lambdas/[^/]+/(handlers|aws)/' },
      { path: '^lambdas/[^/]+/aws/' },
    ),
    rule(
      'only-the-app-synthesizes',
      'bin/app.ts composes the stacks; idle-cost reads finished templates and needs no construct library',
      { path: '^(bin|bench|examples)/', pathNot: '^bin/app\\.ts$' },
      { path: ['^lib/', CDK], pathNot: '^lib/shared/idle-cost\\.ts$' },
    ),
    rule(
      'no-cycles',
      'files that import each other are one file in two places',
      { path: '^(bin|lib|lambdas|test|bench|examples)/' },
      { circular: true },
    ),
    rule(
      'unit-tests-run-no-engine',
      'what needs a native engine or a process is of the kind engine: unit tests together take less than a minute',
      { path: '^test/.+\\.test\\.ts$', pathNot: ['^test/(local|repo)/', '\\.(engine|stack|asl)\\.test\\.ts$'] },
      {
        path: ['^(node:)?child_process$', '(^|node_modules/)(onnxruntime-node|@duckdb|esbuild)(/|$)'],
        reachable: true,
      },
    ),
    rule(
      'nobody-imports-tests',
      'fakes and builders stay with the tests',
      { path: '^(bin|lib|lambdas|bench|examples)/' },
      { path: '^test/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types count: a type that points the wrong way pulls its value after it one day.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
