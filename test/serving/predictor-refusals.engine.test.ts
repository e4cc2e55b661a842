import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadedOnce, type ServedModel, serveBundle } from '../../lambdas/serving/served-model.ts';
import { anInferEvent, aRow } from '../builders/infer-event.ts';
import { loadOnnx, type SealedBundle } from '../builders/rain-bundle.ts';
import { anEndpoint as endpointOf, rainServed } from '../builders/rain-endpoint.ts';

let bundle: SealedBundle;
let served: ServedModel;
beforeAll(async () => {
  ({ bundle, served } = await rainServed());
});
const anEndpoint = (options: { functionVersion?: string; serve?: () => Promise<ServedModel> } = {}) =>
  endpointOf({ serve: async () => served, ...options });

describe('what an endpoint refuses', () => {
  const input = (change: object) => ({ inputs: [{ ...aRow().inputs[0], ...change }, aRow().inputs[1]] });

  test.each([
    ['an unknown model', { path: '/v2/models/snow/infer' }, 404, 'ModelUnknown', /model: got "snow", .*rain/],
    [
      'an unknown version',
      { path: '/v2/models/rain/versions/2/infer' },
      404,
      'ModelVersionUnknown',
      /got "2", .*version 3/,
    ],
    ['an unknown path', { method: 'GET', path: '/v3' }, 404, 'EndpointUnknown', /serves \/v2/],
    ['another method', { method: 'GET', path: '/v2/models/rain/infer' }, 405, 'MethodNotTaken', /got GET.*POST/],
    ['no token', { authorizer: null }, 401, 'TokenMissing', /token/],
    [
      'another role',
      { authorizer: { tokenId: 't', roles: 'auditor', workspaces: 'default' } },
      403,
      'RoleMissing',
      /auditor/,
    ],
    [
      'another workspace',
      { authorizer: { tokenId: 't', roles: 'app', workspaces: 'blue' } },
      403,
      'WorkspaceDenied',
      /default/,
    ],
    ['an empty body', { body: '' }, 400, 'RequestUnreadable', /body: got nothing/],
    ['a body that is no JSON', { body: '{"inputs": [' }, 400, 'RequestUnreadable', /not JSON/],
    ['a body that is no object', { body: '[1]' }, 400, 'RequestUnreadable', /object/],
    ['NaN', { body: JSON.stringify(aRow()).replace('[12]', '[NaN]') }, 400, 'ValueNotFinite', /got NaN/],
    ['a null', { body: input({ data: [null] }) }, 400, 'ValueNotFinite', /input temp_max: data\[0\]: got null/],
    [
      'an infinite number',
      { body: JSON.stringify(aRow()).replace('[12]', '[1e999]') },
      400,
      'ValueNotFinite',
      /Infinity/,
    ],
    ['a number beyond float32', { body: input({ data: [1e39] }) }, 400, 'TensorValueInvalid', /1e\+39, FP32/],
    ['a text', { body: input({ data: ['12'] }) }, 400, 'TensorValueInvalid', /got "12", FP32/],
    ['another datatype', { body: input({ datatype: 'FP64' }) }, 400, 'TensorTypeInvalid', /got datatype "FP64".*FP32/],
    ['another rank', { body: input({ shape: [1] }) }, 400, 'TensorShapeInvalid', /got shape \[1\].*\[-1, 1\]/],
    ['another width', { body: input({ shape: [1, 2], data: [1, 2] }) }, 400, 'TensorShapeInvalid', /\[1, 2\]/],
    [
      'a size that is no number',
      { body: input({ shape: ['1', 1] }) },
      400,
      'TensorShapeInvalid',
      /whole numbers|whole number/,
    ],
    ['too few elements', { body: input({ shape: [2, 1] }) }, 400, 'TensorShapeInvalid', /got 1 elements.*holds 2/],
    ['a shape beyond all memory', { body: input({ shape: [65536 ** 3, 1] }) }, 400, 'TensorShapeInvalid', /at most/],
    ['ragged rows', { body: input({ shape: [2, 1], data: [[1], [2, 3]] }) }, 400, 'TensorShapeInvalid', /list of 2/],
    [
      'unequal rows',
      { body: input({ shape: [2, 1], data: [1, 2] }) },
      400,
      'TensorShapeInvalid',
      /wind: got 1 rows.*temp_max has 2/,
    ],
    ['a missing input', { body: { inputs: aRow().inputs.slice(1) } }, 400, 'TensorMissing', /temp_max/],
    [
      'an extra input',
      { body: { inputs: [...aRow().inputs, { name: 'sun' }] } },
      400,
      'TensorUnexpected',
      /got name "sun".*temp_max, wind/,
    ],
    [
      'an input given twice',
      { body: { inputs: [...aRow().inputs, aRow().inputs[0]] } },
      400,
      'TensorUnexpected',
      /twice/,
    ],
    [
      'an unknown output',
      { body: { ...aRow(), outputs: [{ name: 'x' }] } },
      400,
      'OutputUnknown',
      /"x".*probability, label/,
    ],
    [
      'an input named __proto__',
      { body: '{"inputs":[{"name":"__proto__","shape":[1,1]}]}' },
      400,
      'TensorUnexpected',
      /__proto__/,
    ],
    [
      'deep nesting',
      { body: `{"inputs":${'['.repeat(1e5)}${']'.repeat(1e5)}}` },
      400,
      'RequestUnreadable',
      /deeper than 32/,
    ],
    [
      'a body over the limit',
      { body: JSON.stringify({ ...aRow(), pad: 'x'.repeat(6.3e6) }) },
      413,
      'BodyTooLarge',
      /6291456/,
    ],
  ])('%s', async (_, options, status, name, message) => {
    const endpoint = anEndpoint();
    const answer = await endpoint.ask(anInferEvent(options));
    expect(answer.body).toEqual({ error: expect.stringMatching(message) });
    expect(answer.status).toBe(status);
    expect(answer.headers['x-millrace-error']).toBe(name);
    expect(endpoint.lines).toHaveLength(1);
  });

  test('a nesting of a million levels is refused within a tenth of a second', async () => {
    const endpoint = anEndpoint();
    const began = performance.now();
    await endpoint.ask(anInferEvent({ body: '['.repeat(1e6) }));
    expect(performance.now() - began).toBeLessThan(100);
  });

  test('an answer that Lambda would refuse is refused here, its quotes counted as they travel', async () => {
    const texts = (rows: number) => ({ datatype: 'BYTES' as const, shape: [rows, 1], data: Array(rows).fill('"') });
    const saying = (rows: number) => async (): Promise<ServedModel> => ({
      ...served,
      model: { run: async (_inputs, outputs) => outputs.slice(0, 1).map((name) => ({ name, ...texts(rows) })) },
    });
    // Four million characters, six and a half million bytes on the way.
    const { status, headers } = await anEndpoint({ serve: saying(800_000) }).ask();
    expect([status, headers['x-millrace-error']]).toEqual([400, 'AnswerTooLarge']);
    expect((await anEndpoint({ serve: saying(600_000) }).ask()).status).toBe(200);
  });

  test('leaves Object.prototype as it was', async () => {
    const body = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"inputs":[]}';
    await anEndpoint().ask(anInferEvent({ body }));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('an endpoint without a model', () => {
  test('answers 503 on $LATEST, whatever is asked and whatever its environment says', async () => {
    const endpoint = anEndpoint({ functionVersion: '$LATEST' });
    for (const event of [anInferEvent(), anInferEvent({ method: 'GET', path: '/v2/health/live' })]) {
      expect(await endpoint.ask(event)).toMatchObject({ status: 503, body: { error: 'no model is live' } });
    }
  });

  test('answers 503 for a bundle whose bytes were changed, and says so once in the log', async () => {
    const key = bundle.bundles.keys().find((each) => each.endsWith('model.onnx')) as string;
    const bytes = (await bundle.bundles.get(key)) as Uint8Array;
    const changed = Uint8Array.from(bytes, (byte, i) => (i === 200 ? byte ^ 1 : byte));
    const refused: string[] = [];
    const read: SealedBundle['read'] = async (file) => (file === 'model.onnx' ? changed : bundle.read(file));
    const serve = loadedOnce(() => serveBundle({ ...bundle, read, modelVersion: '3', load: loadOnnx }), {
      refused: (error) => refused.push(error.message),
    });
    const endpoint = anEndpoint({ serve });
    for (let i = 0; i < 3; i++) {
      const { status, body } = await endpoint.ask();
      expect({ status, body }).toEqual({
        status: 503,
        body: { error: expect.stringMatching(/model\.onnx is sha256/) },
      });
    }
    expect(refused).toHaveLength(1);
  });

  test('tries again where the bundle could not be read, and then serves', async () => {
    let reachable = false;
    const { ServingErrors } = await import('../../lambdas/serving/errors.ts');
    const serve = loadedOnce(
      async () => {
        if (reachable) return served;
        throw ServingErrors.BundleUnreachable('S3 answered 500');
      },
      { refused: () => expect(true).toBe(false) },
    );
    const endpoint = anEndpoint({ serve });
    expect((await endpoint.ask()).status).toBe(503);
    reachable = true;
    expect((await endpoint.ask()).status).toBe(200);
  });
});
