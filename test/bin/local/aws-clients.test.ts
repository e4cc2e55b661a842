import { afterEach, describe, expect, test } from '@jest/globals';
import { awsClients } from '../../../bin/local/aws-clients.ts';

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

async function target({ s3 }: ReturnType<typeof awsClients>) {
  const { hostname, port } = (await s3.config.endpoint?.()) ?? {};
  return { hostname, port, ...(await s3.config.credentials()), region: await s3.config.region() };
}

describe('the clients', () => {
  test('go to the endpoint they are given, as its administrator', async () => {
    await expect(target(awsClients('http://127.0.0.1:4566'))).resolves.toMatchObject({
      hostname: '127.0.0.1',
      port: 4566,
      accessKeyId: 'test',
      region: 'us-east-1',
    });
  });

  test('go where AWS_ENDPOINT_URL says', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:4510';
    await expect(target(awsClients())).resolves.toMatchObject({ port: 4510, accessKeyId: 'test' });
  });

  test('go to AWS with the credentials and region of the environment where no endpoint is named', async () => {
    delete process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIAEXAMPLE';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
    process.env['AWS_REGION'] = 'eu-west-1';
    await expect(target(awsClients())).resolves.toMatchObject({
      hostname: undefined,
      accessKeyId: 'AKIAEXAMPLE',
      region: 'eu-west-1',
    });
  });

  test('are made once each, and put buckets into the path', () => {
    const clients = awsClients('http://127.0.0.1:4566');
    expect(clients.sfn).toBe(clients.sfn);
    expect(clients.s3.config.forcePathStyle).toBe(true);
    clients.destroy();
  });
});
