import { beforeAll, describe, expect, test } from '@jest/globals';
import { parsePredictionId } from '../../lambdas/serving/prediction-id.ts';
import { predictor } from '../../lambdas/serving/predictor.ts';
import { parseLine } from '../../lambdas/serving/request-line.ts';
import { loadedOnce, type ServedModel, serveBundle } from '../../lambdas/serving/served-model.ts';
import { anInferEvent, aRow } from '../builders/infer-event.ts';
import { aRainBundle, loadOnnx, type SealedBundle, sealed } from '../builders/rain-bundle.ts';

let bundle: SealedBundle;
let served: ServedModel;
beforeAll(async () => {
  bundle = await sealed(await aRainBundle());
  served = await serveBundle({ ...bundle, modelVersion: '3', load: loadOnnx });
});

function anEndpoint({ functionVersion = '7', serve = async () => served } = {}) {
  const lines: string[] = [];
  const options = { workspace: 'default', endpoint: 'rain', model: 'rain', runtime: 'node/24 onnxruntime/1.30' };
  const answer = predictor({ ...options, functionVersion, serve, write: (line) => lines.push(line) });
  return {
    lines,
    /** Status, parsed body and headers of the answer to one event. */
    async ask(event = anInferEvent()) {
      const { statusCode, body, headers } = await answer(event);
      return { status: statusCode, body: JSON.parse(body), headers: headers ?? {} };
    },
  };
}

describe('an endpoint with a live model', () => {
  test('answers a row with the probability that the formula gives', async () => {
    const { status, body, headers } = await anEndpoint().ask();
    const score = 0.1 - 0.9 * ((12 - 16) / 7) + 0.4 * ((4 - 3) / 1.5);
    expect(status).toBe(200);
    expect(body).toMatchObject({ model_name: 'rain', model_version: '3' });
    expect(body.outputs[0]).toMatchObject({ name: 'probability', datatype: 'FP32', shape: [1, 1] });
    expect(body.outputs[0].data[0]).toBeCloseTo(1 / (1 + Math.exp(-score)), 6);
    expect(body.outputs[1]).toEqual({ name: 'label', datatype: 'INT64', shape: [1, 1], data: [1] });
    const id = headers['x-millrace-prediction-id'];
    expect(body.parameters).toEqual({ prediction_id: id });
    expect(parsePredictionId(String(id))).toMatchObject({ endpoint: 'rain', functionVersion: '7' });
  });

  test('takes many rows, flat or nested, and answers flat', async () => {
    const inputs = (data: (column: number[]) => unknown) => [
      { name: 'temp_max', datatype: 'FP32', shape: [3, 1], data: data([1, 15, 30]) },
      { name: 'wind', datatype: 'FP32', shape: [3, 1], data: data([2, 3, 4]) },
    ];
    const endpoint = anEndpoint();
    const flat = await endpoint.ask(anInferEvent({ body: { inputs: inputs((column) => column) } }));
    const nested = await endpoint.ask(anInferEvent({ body: { inputs: inputs((column) => column.map((x) => [x])) } }));
    expect(flat.body.outputs[0]).toMatchObject({
      shape: [3, 1],
      data: [expect.any(Number), expect.any(Number), expect.any(Number)],
    });
    expect(nested.body.outputs).toEqual(flat.body.outputs);
  });

  test('gives only the outputs asked for, echoes the id, and counts the watched output all the same', async () => {
    const endpoint = anEndpoint();
    const body = { ...aRow(), id: 'mine "1"', outputs: [{ name: 'label' }] };
    const answer = await endpoint.ask(anInferEvent({ body }));
    expect(answer.body.id).toBe('mine "1"');
    expect(answer.body.outputs.map((output: { name: string }) => output.name)).toEqual(['label']);
    const line = parseLine(endpoint.lines[0] as string);
    expect(line).toMatchObject({ prediction: { rows: 1, status: 200, outputs: [expect.any(Number), 1] } });
  });

  test('takes a body in base64', async () => {
    const body = Buffer.from(JSON.stringify(aRow())).toString('base64');
    expect((await anEndpoint().ask(anInferEvent({ body, isBase64Encoded: true }))).status).toBe(200);
  });

  test.each([
    ['/v2', { name: 'millrace', extensions: [] }],
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { ready: true }],
    ['/v2/models', { models: ['rain'] }],
    ['/v2/models/rain/ready', { name: 'rain', ready: true }],
    ['/v2/models/rain/versions/3/ready', { name: 'rain', ready: true }],
    ['/v2/models/rain', { name: 'rain', versions: ['3'], platform: 'onnx_onnxv1' }],
  ])('answers GET %s', async (path, expected) => {
    const { status, body } = await anEndpoint().ask(anInferEvent({ method: 'GET', path }));
    expect(status).toBe(200);
    expect(body).toMatchObject(expected);
  });

  test('describes its inputs and outputs with free rows', async () => {
    const { body } = await anEndpoint().ask(anInferEvent({ method: 'GET', path: '/v2/models/rain/versions/3' }));
    expect(body.inputs).toEqual([
      { name: 'temp_max', datatype: 'FP32', shape: [-1, 1] },
      { name: 'wind', datatype: 'FP32', shape: [-1, 1] },
    ]);
    expect(body.outputs[1]).toEqual({ name: 'label', datatype: 'INT64', shape: [-1, 1] });
  });
});

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

describe('the line of log', () => {
  test('holds bins and counts, and nothing that the caller sent', async () => {
    const endpoint = anEndpoint();
    await endpoint.ask(anInferEvent({ body: aRow({ temp: 31.4159, wind: 2.9183 }) }));
    const refused = { inputs: [{ ...aRow().inputs[0], data: ['canary-7f3a'] }, aRow().inputs[1]] };
    await endpoint.ask(anInferEvent({ body: refused }));
    expect(endpoint.lines.join('')).not.toMatch(/31\.41|2\.918|canary/);
    expect(parseLine(endpoint.lines[0] as string)).toEqual({
      prediction: {
        workspace: 'default',
        endpoint: 'rain',
        functionVersion: '7',
        at: expect.any(Number),
        status: 200,
        ms: expect.any(Number),
        rows: 1,
        nan: 0,
        features: { temp_max: [expect.any(Number), 1], wind: [expect.any(Number), 1] },
        outputs: [expect.any(Number), 1],
        answers: { p1: 1 },
      },
    });
    expect(parseLine(endpoint.lines[1] as string)).toMatchObject({ prediction: { status: 400, rows: 0 } });
  });

  test('counts rows that have no finite answer, and refuses to give one', async () => {
    const nan: ServedModel = {
      ...served,
      model: {
        run: async (_, outputs) =>
          outputs.map((name) => ({ name, datatype: 'FP32', shape: [1, 1], data: Float32Array.of(Number.NaN) })),
      },
    };
    const endpoint = anEndpoint({ serve: async () => nan });
    expect(await endpoint.ask()).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/no finite answer for 1 of 1/) },
    });
    expect(parseLine(endpoint.lines[0] as string)).toMatchObject({ prediction: { nan: 1, rows: 1 } });
  });

  test('of a golden request counts in no window, and only the authorizer can make a request golden', async () => {
    const endpoint = anEndpoint();
    const authorizer = { tokenId: 'roll-out-model', roles: 'app', workspaces: 'default', purpose: 'golden' };
    const { headers } = await endpoint.ask(anInferEvent({ authorizer }));
    expect(headers['x-millrace-runtime']).toBe('node/24 onnxruntime/1.30');
    expect(parseLine(endpoint.lines[0] as string)).toBeUndefined();
  });
});
