import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fillPath, matchPath } from '../../lambdas/shared/route.ts';

describe('a path', () => {
  test.each([
    ['/data/datasets/{dataset}', '/data/datasets/weather', { dataset: 'weather' }],
    [
      '/data/datasets/{dataset}/uploads/{uploadId}',
      '/data/datasets/weather/uploads/7',
      { dataset: 'weather', uploadId: '7' },
    ],
    ['/lineage/graph/{ref+}', '/lineage/graph/run:default/a/b', { ref: 'run:default/a/b' }],
    ['/registry/models', '/registry/models', {}],
    ['/registry/models/{model}', '/registry/models/a%20b', { model: 'a b' }],
  ])('%s fits %s', (template, path, values) => {
    expect(matchPath(template, path)).toEqual(values);
  });

  test.each([
    ['/registry/models/{model}', '/registry/models', 'a value is missing'],
    ['/registry/models/{model}', '/registry/models/', 'a value is empty'],
    ['/registry/models/{model}', '/registry/models/rain/', 'a slash is left over'],
    ['/registry/models/{model}', '/registry//models/rain', 'a slash is doubled'],
    ['/registry/models/{model}', '/Registry/models/rain', 'the case differs'],
    ['/registry/models/{model}', '/registry/models/%zz', 'an escape is none'],
    ['/lineage/graph/{ref+}', '/lineage/graph', 'the rest is missing'],
    ['/lineage/graph/{ref+}', '/lineage/graph/', 'the rest is empty'],
  ])('%s does not fit %s: %s', (template, path) => {
    expect(matchPath(template, path)).toBeUndefined();
  });

  test('is decoded once: what was escaped twice stays escaped', () => {
    expect(matchPath('/m/{model}', '/m/%252e%252e')).toEqual({ model: '%2e%2e' });
  });

  test('an escaped slash stays inside its segment', () => {
    expect(matchPath('/m/{model}/v', '/m/a%2Fb/v')).toEqual({ model: 'a/b' });
  });

  test('filled with values and matched gives the values back', () => {
    const value = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(value, value, (dataset, uploadId) => {
        const template = '/data/datasets/{dataset}/uploads/{uploadId}';
        const { path, rest } = fillPath(template, { dataset, uploadId, bytes: 3 });
        expect(matchPath(template, path)).toEqual({ dataset, uploadId });
        expect(rest).toEqual({ bytes: 3 });
      }),
    );
  });

  test('the rest of a path keeps its slashes when it is filled in', () => {
    const { path } = fillPath('/lineage/graph/{ref+}', { ref: 'run:default/a b/c' });
    expect(path).toBe('/lineage/graph/run%3Adefault/a%20b/c');
    expect(matchPath('/lineage/graph/{ref+}', path)).toEqual({ ref: 'run:default/a b/c' });
  });
});
