// The construct library's own validation costs seconds for each template; `npm run check` synthesizes with it.
process.env.CDK_VALIDATION = 'false';

/** One file of settings for every kind of test; bin/test.ts chooses the kinds by path. */
export default {
  testEnvironment: '<rootDir>/test/plain-environment.mjs',
  setupFiles: ['<rootDir>/test/seed.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.millrace/', '<rootDir>/cdk.out/'],
  cacheDirectory: '<rootDir>/.millrace/jest',
  watchman: false,
};
