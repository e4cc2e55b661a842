import { describe, expect, test } from '@jest/globals';
import { artifactApi } from './artifact-api.ts';

const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts';
const BIG = new Uint8Array(4_500_001);

describe('the artifact proxy', () => {
  test('takes and gives bytes under the same path, as an attachment of the type that the name says', async () => {
    const { artifacts, send } = artifactApi();
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const put = await send({ method: 'PUT', path: `${ARTIFACTS}/0/r/artifacts/a%20b/pl%C3%B6t.png`, body: bytes });
    expect([put.status, put.json]).toEqual([200, {}]);
    expect(artifacts.keys()).toEqual(['default/mlflow/0/r/artifacts/a b/plöt.png']);
    const got = await send({ path: `/ajax-api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/a%20b/pl%C3%B6t.png` });
    expect(got.status).toBe(200);
    expect([...got.bytes]).toEqual([...bytes]);
    expect(got.headers).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `attachment; filename="pl_t.png"; filename*=UTF-8''pl%C3%B6t.png`,
      'x-content-type-options': 'nosniff',
    });
  });

  test('keeps workspaces apart', async () => {
    const { artifacts, send } = artifactApi();
    await send({ method: 'PUT', path: `/t/team${ARTIFACTS}/0/a`, body: 'x' });
    expect(artifacts.keys()).toEqual(['team/mlflow/0/a']);
    expect((await send({ path: `${ARTIFACTS}/0/a` })).status).toBe(404);
    expect((await send({ path: `/t/team${ARTIFACTS}/0/a`, workspaces: 'default' })).status).toBe(403);
  });

  test.each(['PUT', 'DELETE'])('refuses %s to whoever only reads', async (method) => {
    const { artifacts, send } = artifactApi();
    const answer = await send({ method, path: `${ARTIFACTS}/0/a`, body: 'x', roles: 'auditor' });
    expect([answer.status, answer.json.error_code]).toEqual([403, 'PERMISSION_DENIED']);
    expect(artifacts.touched).toEqual([]);
  });

  test('takes exactly 4.5 MB, and names every remedy for a byte more', async () => {
    const { artifacts, send } = artifactApi();
    const path = `${ARTIFACTS}/0/model.bin`;
    expect((await send({ method: 'PUT', path, body: BIG.slice(1) })).status).toBe(200);
    const refused = await send({ method: 'PUT', path: `${path}2`, body: BIG });
    expect([refused.status, refused.json.error_code]).toEqual([413, 'INVALID_PARAMETER_VALUE']);
    for (const remedy of [
      'MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true',
      'MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE',
      'MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE',
      'edge',
      's3://',
    ])
      expect(refused.json.message).toContain(remedy);
    expect(artifacts.keys()).toHaveLength(1);
  });

  test('sends who wants more than 4.5 MB to the store, with a link for that object alone', async () => {
    const { artifacts, send } = artifactApi();
    await artifacts.put('default/mlflow/0/model.bin', BIG, 'text/html');
    const { status, headers, bytes } = await send({ path: `${ARTIFACTS}/0/model.bin` });
    expect([status, bytes.length]).toEqual([302, 0]);
    const got = await artifacts.fetch(String(headers['location']));
    expect((await got.arrayBuffer()).byteLength).toBe(BIG.length);
    expect(got.headers.get('content-disposition')).toContain('attachment');
  });

  test('lists base names, with is_dir also where it is false, and a file as nothing', async () => {
    const { send } = artifactApi();
    for (const file of ['m/MLmodel', 'm/data/x'])
      await send({ method: 'PUT', path: `${ARTIFACTS}/0/${file}`, body: 'abc' });
    const list = async (path: string) => (await send({ path: `${ARTIFACTS}?path=${path}` })).json;
    expect((await list('0/m')).files).toEqual(
      expect.arrayContaining([
        { path: 'MLmodel', is_dir: false, file_size: 3 },
        { path: 'data', is_dir: true },
      ]),
    );
    expect(await list('0/m/MLmodel')).toEqual({ files: [] });
    expect((await send({ path: ARTIFACTS })).json.files).toEqual([{ path: '0', is_dir: true }]);
  });

  test('deletes a folder with all that is in it, and once more without a word', async () => {
    const { artifacts, send } = artifactApi();
    for (const file of ['m/a', 'm/b/c', 'm2/d'])
      await send({ method: 'PUT', path: `${ARTIFACTS}/0/${file}`, body: 'x' });
    for (const path of ['0/m/', '0/m'])
      expect((await send({ method: 'DELETE', path: `${ARTIFACTS}/${path}` })).json).toEqual({});
    expect(artifacts.keys()).toEqual(['default/mlflow/0/m2/d']);
  });

  test('answers 404 for what is not there, in the words of the path', async () => {
    const { send } = artifactApi();
    for (const path of [`${ARTIFACTS}/0/none`, '/api/2.0/mlflow-artifacts/presigned/0/none']) {
      expect(await send({ path })).toMatchObject({
        status: 404,
        json: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: "No such artifact: '0/none'" },
      });
    }
  });
});

describe('an upload in parts', () => {
  const MPU = '/api/2.0/mlflow-artifacts/mpu';
  const post = (api: ReturnType<typeof artifactApi>, verb: string, body: object) =>
    api.send({ method: 'POST', path: `${MPU}/${verb}/0/r/artifacts`, body });

  test('goes by the name of the file, to the store itself, and is done twice as well as once', async () => {
    const api = artifactApi();
    const file = '/models/big.bin';
    const { json: made } = await post(api, 'create', { path: file, num_parts: 2 });
    expect(made.credentials.map((each: { part_number: number }) => each.part_number)).toEqual([1, 2]);
    const parts = [];
    for (const { url, part_number, headers } of made.credentials) {
      const body = new Uint8Array(5 * 1024 ** 2);
      const sent = await api.artifacts.fetch(url, { method: 'PUT', body, headers });
      parts.push({ part_number, etag: sent.headers.get('etag'), url });
    }
    for (let i = 0; i < 2; i++) {
      const { status, json } = await post(api, 'complete', { path: file, upload_id: made.upload_id, parts });
      expect([status, json]).toEqual([200, {}]);
    }
    expect(api.artifacts.keys()).toEqual(['default/mlflow/0/r/artifacts/big.bin']);
    const presigned = await api.send({ path: '/api/2.0/mlflow-artifacts/presigned/0/r/artifacts/big.bin' });
    expect(presigned.json).toMatchObject({ file_size: 10 * 1024 ** 2, headers: {} });
    const range = await api.artifacts.fetch(presigned.json.url, { headers: { Range: 'bytes=0-9' } });
    expect([range.status, (await range.arrayBuffer()).byteLength]).toEqual([206, 10]);
  });

  test.each([0, -1, 2501])('of %d parts is refused before anything begins', async (num_parts) => {
    const api = artifactApi();
    expect(await post(api, 'create', { path: 'f', num_parts })).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('1 to 2500') },
    });
    expect(api.artifacts.touched).toEqual([]);
  });

  test.each([['C:\\models\\big.bin'], ['/tmp/big.bin'], ['big.bin']])('takes %s for big.bin', async (path) => {
    const api = artifactApi();
    await post(api, 'create', { path });
    expect(api.artifacts.touched[0]).toBe('default/mlflow/0/r/artifacts/big.bin');
  });

  test('that is given up cannot be completed', async () => {
    const api = artifactApi();
    const { json } = await post(api, 'create', { path: 'f', num_parts: 1 });
    for (let i = 0; i < 2; i++) {
      expect((await post(api, 'abort', { path: 'f', upload_id: json.upload_id })).status).toBe(200);
    }
    const parts = [{ part_number: 1, etag: '"00"' }];
    expect(await post(api, 'complete', { path: 'f', upload_id: json.upload_id, parts })).toMatchObject({
      status: 404,
      json: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
    expect((await post(api, 'complete', { path: 'f', upload_id: json.upload_id, parts: [] })).status).toBe(400);
  });
});

describe.each([
  ['proxied', 'mlflow-artifacts:/0'],
  ['direct', 's3://memory-artifacts/default/mlflow/0'],
])('artifacts of an owner whose location is %s', (_name, location) => {
  const uris = {
    r: `${location}/r/artifacts`,
    m: `${location}/models/m/artifacts`,
    'rain/2': `${location}/models/m/artifacts`,
  };

  test('are listed below its root, with folders', async () => {
    const { artifacts, send } = artifactApi(uris);
    for (const file of ['a.txt', 'deep/b.txt']) {
      await artifacts.put(`default/mlflow/0/r/artifacts/${file}`, Buffer.from('x'), '');
      await artifacts.put(`default/mlflow/0/models/m/artifacts/${file}`, Buffer.from('x'), '');
    }
    const run = await send({ path: '/api/2.0/mlflow/artifacts/list?run_uuid=r&path=deep' });
    expect(run.json).toEqual({ root_uri: uris.r, files: [{ path: 'deep/b.txt', is_dir: false, file_size: 1 }] });
    const model = await send({ path: '/ajax-api/2.0/mlflow/logged-models/m/artifacts/directories' });
    expect(model.json.files).toEqual(
      expect.arrayContaining([
        { path: 'deep', is_dir: true },
        { path: 'a.txt', is_dir: false, file_size: 1 },
      ]),
    );
  });

  test('are sent to viewers by each of their routes', async () => {
    const { send } = artifactApi(uris);
    const up = await send({
      method: 'POST',
      path: '/ajax-api/2.0/mlflow/upload-artifact?run_uuid=r&path=x/a.json',
      body: '[1]',
    });
    expect(up.status).toBe(200);
    expect((await send({ path: '/get-artifact?run_uuid=r&path=x%2Fa.json' })).bytes.toString()).toBe('[1]');
    await send({ method: 'PUT', path: `${ARTIFACTS}/0/models/m/artifacts/MLmodel`, body: 'flavors: {}' });
    for (const path of [
      '/model-versions/get-artifact?name=rain&version=2&path=MLmodel',
      '/ajax-api/2.0/mlflow/logged-models/m/artifacts/files?artifact_file_path=MLmodel',
    ]) {
      const { status, bytes, headers } = await send({ path });
      expect([status, bytes.toString(), headers['content-type']]).toEqual([200, 'flavors: {}', 'text/plain']);
    }
  });

  test('that are large stay with the origin of the page where the edge is in front', async () => {
    const path = '/t/team/get-artifact?run_id=r&path=big file.bin';
    const team = artifactApi({ r: uris.r.replace('/default/', '/team/') });
    await team.artifacts.put('team/mlflow/0/r/artifacts/big file.bin', BIG, '');
    const behind = await team.send({ path, headers: { 'X-Forwarded-Host': 'ml.example.org' } });
    expect([behind.status, behind.headers['location']]).toEqual([
      302,
      '/t/team/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/big%20file.bin',
    ]);
    expect((await team.send({ path })).headers['location']).toMatch(/^memory:/);
  });

  test('have links that read and write', async () => {
    const { artifacts, send } = artifactApi(uris);
    const links = '/api/2.0/mlflow/artifacts/presigned';
    const up = await send({ method: 'POST', path: `${links}-upload-url`, body: { model_id: 'm', path: 'w.bin' } });
    await artifacts.fetch(up.json.presigned_url, { method: 'PUT', body: Buffer.from('w') });
    expect(artifacts.keys()).toEqual(['default/mlflow/0/models/m/artifacts/w.bin']);
    await artifacts.put('default/mlflow/0/r/artifacts/r.bin', Buffer.from('rr'), '');
    const down = await send({ method: 'POST', path: `${links}-download-url`, body: { run_id: 'r', path: 'r.bin' } });
    expect(down.json).toMatchObject({ file_size: 2, presigned_url: expect.stringContaining('seconds=300') });
    for (const body of [
      { path: 'x' },
      { path: 'x', run_id: 'r', model_id: 'm' },
      { run_id: 'r', path: 'x', expiration: 604_801 },
    ]) {
      expect((await send({ method: 'POST', path: `${links}-upload-url`, body })).status).toBe(400);
    }
  });
});

describe('a listing of many files', () => {
  test('comes in pages for a run, whose token no other folder takes', async () => {
    const { artifacts, send } = artifactApi({ r: 'mlflow-artifacts:/0/r/artifacts' });
    for (let i = 0; i < 10_001; i++) await artifacts.put(`default/mlflow/0/r/artifacts/f${i}`, new Uint8Array(), '');
    const list = '/api/2.0/mlflow/artifacts/list?run_id=r';
    const first = (await send({ path: list })).json;
    const second = (await send({ path: `${list}&page_token=${first.next_page_token}` })).json;
    expect([first.files.length, second.files.length, second.next_page_token]).toEqual([10_000, 1, undefined]);
    for (const page_token of [`${first.next_page_token}`, 'nonsense']) {
      const { status, json } = await send({ path: `${list}&path=other&page_token=${page_token}` });
      expect([status, json.message]).toEqual([400, expect.stringContaining('Invalid page token')]);
    }
  });
});

test('artifacts elsewhere are not fetched for anybody', async () => {
  const { artifacts, send } = artifactApi({ r: 's3://somebody/else', m: 'file:///etc' });
  for (const path of ['/get-artifact?run_id=r&path=passwd', '/api/2.0/mlflow/artifacts/list?run_id=m']) {
    const { status, json } = await send({ path });
    expect([status, json.name]).toEqual([400, 'ArtifactLocationForeign']);
  }
  expect(artifacts.touched).toEqual([]);
});
