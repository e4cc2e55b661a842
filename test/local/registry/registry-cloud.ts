import { randomBytes } from 'node:crypto';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { awsClients } from '../../../bin/local/aws-clients.ts';
import { startEmulator } from '../../../bin/local/emulator.ts';
import type { Sign } from '../../../lambdas/registry/ports.ts';
import { kmsSigner } from '../../../lambdas/shared/aws/kms-signer.ts';
import { s3Objects } from '../../../lambdas/shared/aws/s3-objects.ts';
import type { ObjectStore } from '../../../lambdas/shared/objects.ts';
import type { Table } from '../../../lambdas/shared/table.ts';
import { ownTable } from '../own-table.ts';

/** The real adapters over what a contract suite asks for: nothing in it is shared with another suite. */
export interface RegistryCloud {
  emptyTable(): Promise<Table>;
  emptyZone(): Promise<ObjectStore>;
  newSigner(): Promise<Sign>;
  stop(): Promise<void>;
}

/** On the local cloud that AWS_ENDPOINT_URL names, or else on an emulator of its own. */
export async function registryCloud(): Promise<RegistryCloud> {
  const given = process.env['AWS_ENDPOINT_URL'];
  const emulator = given ? undefined : await startEmulator({ name: `registry-${process.pid}` });
  const clients = awsClients(given ?? emulator?.endpoint);
  const named = (what: string) => `registry-${what}-${randomBytes(6).toString('hex')}`;
  return {
    emptyTable: () => ownTable(clients.dynamodb),
    async emptyZone() {
      const Bucket = named('zone');
      await clients.s3.send(new CreateBucketCommand({ Bucket }));
      return s3Objects(Bucket, clients.s3);
    },
    async newSigner() {
      const input = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const;
      const { KeyMetadata } = await clients.kms.send(new CreateKeyCommand(input));
      return kmsSigner(KeyMetadata?.KeyId ?? '', clients.kms);
    },
    async stop() {
      clients.destroy();
      await emulator?.stop();
    },
  };
}
