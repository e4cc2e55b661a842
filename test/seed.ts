import fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a red run is one's own change and nobody's luck.
 * `MILLRACE_SEED=<number> npm test` draws others; a failure prints its seed either way.
 */
fc.configureGlobal({ seed: Number(process.env['MILLRACE_SEED'] ?? 20_261_121) });
