import { describe, expect, test } from '@jest/globals';
import { asked } from '../builders/retrying-client.ts';
import { faultRate, faulty, seededRandom } from '../fakes/faulty.ts';
import { memoryArtifacts } from '../fakes/memory-artifacts.ts';
import { artifactApi } from './artifact-api.ts';

const MIB = 1024 ** 2;
const PROXY = '/api/2.0/mlflow-artifacts';
const FILES = ['MLmodel', 'model.onnx', 'plots/a b.png', 'plots/100%.txt'];

describe('with three of ten calls to the artifacts zone failing, before or after their effect', () => {
  test.each([1, 2, 3, 4, 5, 6])('no file is lost, cut or kept that was deleted (seed %i)', async (seed) => {
    const calm = memoryArtifacts();
    const troubled = faulty(calm, faultRate(0.3, seededRandom(seed)));
    const { send } = artifactApi({ r: 'mlflow-artifacts:/0/r/artifacts' }, troubled);
    const call = async (...given: Parameters<typeof send>) => {
      const answer = await asked(() => send(...given));
      expect(answer.status).toBe(200);
      return answer;
    };
    const at = (file: string) =>
      `${PROXY}/artifacts/0/r/artifacts/${file.split('/').map(encodeURIComponent).join('/')}`;

    await Promise.all(
      FILES.map((file) => call({ method: 'PUT', path: at(file), body: Buffer.from(`${seed} ${file}`) })),
    );
    for (const file of FILES) expect((await call({ path: at(file) })).bytes.toString()).toBe(`${seed} ${file}`);
    const { json: listed } = await call({ path: '/api/2.0/mlflow/artifacts/list?run_id=r&path=plots' });
    expect(listed.files.map(({ path }: { path: string }) => path)).toEqual(['plots/100%.txt', 'plots/a b.png']);

    const mpu = `/0/r/artifacts/large`;
    const parts = [Buffer.alloc(5 * MIB, seed), Buffer.from('the end')];
    const file = 'weights.bin';
    const begin = { method: 'POST', path: `${PROXY}/mpu/create${mpu}`, body: { path: file, num_parts: parts.length } };
    const { json: begun } = await call(begin);
    const sent = await Promise.all(
      parts.map(async (body, i) => {
        const { url, part_number } = begun.credentials[i];
        // Who holds a link talks to S3 itself.
        const { headers } = await calm.fetch(url, { method: 'PUT', body });
        return { part_number, etag: headers.get('etag') };
      }),
    );
    const end = { path: file, upload_id: begun.upload_id, parts: sent };
    await call({ method: 'POST', path: `${PROXY}/mpu/complete${mpu}`, body: end });
    // As a client does that heard nothing of it.
    await call({ method: 'POST', path: `${PROXY}/mpu/complete${mpu}`, body: end });
    const stored = Buffer.from((await calm.get(`default/mlflow/0/r/artifacts/large/${file}`)) ?? []);
    expect(stored.equals(Buffer.concat(parts))).toBe(true);
    const given = {
      path: 'other.bin',
      upload_id: (await call({ ...begin, body: { path: 'other.bin' } })).json.upload_id,
    };
    await call({ method: 'POST', path: `${PROXY}/mpu/abort${mpu}`, body: given });

    await call({ method: 'DELETE', path: at('plots/') });
    expect(calm.keys()).toEqual(
      ['MLmodel', `large/${file}`, 'model.onnx'].map((each) => `default/mlflow/0/r/artifacts/${each}`),
    );
  });
});
