import * as z from 'zod';
import { page } from '../../shared/page.ts';
import { GatewayEnv, GatewayPages } from '../contract.ts';
import { showLogin } from '../login.ts';
import { NextPath } from '../next-path.ts';

export const showLoginPage = page({
  page: GatewayPages.showLogin,
  access: 'anyone',
  input: z.object({ next: NextPath }),
  env: GatewayEnv,
  wire: () => ({}),
  run: showLogin,
});
