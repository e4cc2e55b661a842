import * as z from 'zod';
import { page } from '../../shared/page.ts';
import { GatewayEnv, GatewayPages } from '../contract.ts';
import { loggedIn, loginForm } from '../login-page.ts';
import { locationOf, NextPath } from '../next-path.ts';

export const showLoginPage = page({
  page: GatewayPages.showLogin,
  access: 'anyone',
  input: z.object({ next: NextPath }),
  env: GatewayEnv,
  wire: () => ({}),
  run: async (_deps, { next }, { caller }) => (caller ? loggedIn(caller.tokenId, locationOf(next)) : loginForm(200)),
});
