import { beforeAll, describe, expect, test } from '@jest/globals';
import { parsePredictionId } from '../../lambdas/serving/prediction-id.ts';
import { parseLine } from '../../lambdas/serving/request-line.ts';
import type { ServedModel } from '../../lambdas/serving/served-model.ts';
import { anInferEvent, aRow } from '../builders/infer-event.ts';
import { anEndpoint as endpointOf, rainServed } from '../builders/rain-endpoint.ts';

let served: ServedModel;
beforeAll(async () => {
  ({ served } = await rainServed());
});
const anEndpoint = (options: { functionVersion?: string; serve?: () => Promise<ServedModel> } = {}) =>
  endpointOf({ serve: async () => served, ...options });

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
