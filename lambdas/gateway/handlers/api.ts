import { api } from '../../shared/api.ts';
import { createTokenEndpoint } from './create-token.ts';
import { listTokensEndpoint } from './list-tokens.ts';
import { revokeTokenEndpoint } from './revoke-token.ts';

export const handler = api([createTokenEndpoint, listTokensEndpoint, revokeTokenEndpoint]).lambda();
