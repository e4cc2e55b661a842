import { consumer } from '../../shared/consumer.ts';
import { cloudfrontKeys } from '../aws/cloudfront-keys.ts';
import { tokenRecords } from '../aws/token-records.ts';
import { PublishTokensEnv } from '../contract.ts';
import { publishEntry } from '../edge-keys.ts';

/** Brings what changes in the token table to the edge. */
export const handler = consumer({
  env: PublishTokensEnv,
  wire: ({ EDGE_KEYS_ARN }) => cloudfrontKeys(EDGE_KEYS_ARN),
  records: tokenRecords,
  run: publishEntry,
  failures: 'partial',
}).lambda();
