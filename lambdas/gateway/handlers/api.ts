import { api } from '../../shared/api.ts';
import { createTokenEndpoint } from './create-token.ts';
import { listTokensEndpoint } from './list-tokens.ts';
import { logInPage } from './log-in.ts';
import { logOutPage } from './log-out.ts';
import { revokeTokenEndpoint } from './revoke-token.ts';
import { showLoginPage } from './show-login.ts';

export const handler = api([
  createTokenEndpoint,
  listTokensEndpoint,
  revokeTokenEndpoint,
  showLoginPage,
  logInPage,
  logOutPage,
]).lambda();
