import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { peerPython } from '../../../bin/local/peer-python.ts';
import { GatewayRoutes } from '../../../lambdas/gateway/contract.ts';
import { cloudUnderTest } from '../cloud-under-test.ts';

/** A line of client/main.py. */
interface Told {
  case: string;
  ok: boolean;
  seconds: number;
  error: string | null;
}

/** The project's own environment with the stock client. */
export const mlflowPython = () => peerPython(join(import.meta.dirname, 'requirements.txt'));

/**
 * A test for each case of these suites of `client/`, run by the stock client against the local cloud. The same suites
 * against the stock server are what says that they ask for the right thing:
 * `CONFORMANCE_AGAINST=stock MLFLOW_TRACKING_URI=http://127.0.0.1:5000 <python> client/main.py <suite>…`.
 */
export async function conformanceTests(...suites: string[]): Promise<void> {
  const { told, ended } = await run(suites);
  test.each(told.map((each) => [each.case, each] as const))('%s', (_name, each) => {
    if (!each.ok) throw new Error(each.error ?? 'it says nothing');
  });
  test(`the run of ${suites.join(', ')} came to its end`, () => {
    expect(ended).toBe('in order');
    expect(told.length).toBeGreaterThan(suites.length);
  });
}

async function run(suites: readonly string[]): Promise<{ told: Told[]; ended: string }> {
  const python = await mlflowPython();
  const { tracking, token, api } = cloudUnderTest();
  const scientist = await api.call(GatewayRoutes.createToken, { name: 'a scientist', roles: ['scientist'] });
  const { MLFLOW_TRACKING_USERNAME: _user, MLFLOW_TRACKING_PASSWORD: _password, ...env } = process.env;
  const child = spawn(python, [join(import.meta.dirname, 'client/main.py'), ...suites], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...env,
      CONFORMANCE_AGAINST: 'millrace',
      MLFLOW_TRACKING_URI: tracking,
      MLFLOW_TRACKING_TOKEN: token,
      CONFORMANCE_SCIENTIST_TOKEN: scientist.token,
      // The environment is installed without it, and each start would compile the client again.
      PYTHONPYCACHEPREFIX: join(dirname(dirname(python)), 'pycache'),
    },
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  const told: Told[] = [];
  let complete = false;
  const lines = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const one = JSON.parse(line) as Told | { ended: true };
      if ('ended' in one) complete = true;
      else told.push(one);
    }
  })();
  const code = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject).on('close', (exit, signal) => resolve(exit ?? signal ?? 'nothing'));
  });
  await lines;
  return { told, ended: complete && code === 0 ? 'in order' : `with ${code}: ${complaints}` };
}
