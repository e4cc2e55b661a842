import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FailedRequest, Traffic } from './browser-traffic.ts';

/** One page of a headless Chromium, and what went on in it. */
export interface Browser {
  /** Opens a page and waits until it has loaded. */
  open(url: string): Promise<void>;
  /** The value of an expression in the page, which must be JSON; a promise is awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** The visible part as PNG. */
  picture(): Promise<Buffer>;
  /** What the console, the page's policy and uncaught errors said since the last `open`. */
  readonly complaints: readonly string[];
  /** Every URL that was asked for since the last `open`. */
  readonly requests: readonly string[];
  /** Every request since the last `open` that was answered with 400 or more, or not at all. */
  readonly failures: readonly FailedRequest[];
  /** Waits until nothing has been on its way for half a second. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  width?: number;
  height?: number;
  dark?: boolean;
}

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const installed = () => PROGRAMS.find((path) => existsSync(path));

/**
 * The path of Chromium, installed from Debian's packages where that is possible. Without one, `undefined` and a loud
 * word on a developer's machine; on CI that is an error.
 */
export function chromium(): string | undefined {
  if (!installed() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const options = { encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', 'chromium'], options);
  }
  const found = installed();
  if (found) return found;
  const missing = `no Chromium at ${PROGRAMS.join(', ')}, and it cannot be installed without being root on Debian`;
  if (process.env['CI'] === 'true') throw new Error(missing);
  process.stderr.write(`\nSKIPPED: tests of pages in a browser: ${missing}\n\n`);
  return undefined;
}

/** What keeps it from asking its makers for anything, so that every request is the page's. */
const QUIET = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
];

export async function openBrowser(
  program: string,
  { width = 1280, height = 900, dark = false }: BrowserOptions = {},
): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), `millrace-browser-${process.pid}-`));
  const args = [...QUIET, `--user-data-dir=${folder}`, '--remote-debugging-port=0', `--window-size=${width},${height}`];
  const child = spawn(program, [...args, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const protocol = await connected(await debuggerUrl(child));
    return await pageOf(protocol, { width, height, dark }, async () => {
      protocol.close();
      await stop();
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

function debuggerUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`Chromium did not start within 60 s: ${said}`)), 60_000);
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const url = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`Chromium ended with ${code}: ${said}`));
    });
  });
}

interface Protocol {
  send<T>(method: string, params?: object, sessionId?: string): Promise<T>;
  on(listen: (method: string, params: Record<string, unknown>) => void): void;
  close(): void;
}

/** The DevTools protocol, which Node's own WebSocket speaks. */
async function connected(url: string): Promise<Protocol> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  const listeners: ((method: string, params: Record<string, unknown>) => void)[] = [];
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error, method, params } = JSON.parse(String(data));
    if (id === undefined) for (const listen of listeners) listen(method, params);
    else if (error) waiting.get(id)?.reject(new Error(`DevTools: ${error.message}`));
    else waiting.get(id)?.resolve(result as never);
    waiting.delete(id);
  });
  return {
    send: (method, params = {}, sessionId = undefined) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject });
        socket.send(JSON.stringify({ id: last, method, params, sessionId }));
      }),
    on: (listen) => void listeners.push(listen),
    close: () => socket.close(),
  };
}

async function pageOf(
  protocol: Protocol,
  { width, height, dark }: Required<BrowserOptions>,
  close: () => Promise<void>,
): Promise<Browser> {
  const { targetId } = await protocol.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await protocol.send<{ sessionId: string }>('Target.attachToTarget', {
    targetId,
    flatten: true,
  });
  const send = <T>(method: string, params?: object) => protocol.send<T>(method, params, sessionId);
  const complaints: string[] = [];
  const traffic = new Traffic();
  let loaded: (() => void) | undefined;
  protocol.on((method, params) => {
    traffic.hear(method, params);
    if (method === 'Page.loadEventFired') loaded?.();
    if (method === 'Log.entryAdded') {
      const { level, text } = params['entry'] as { level: string; text: string };
      if (level === 'error' || level === 'warning') complaints.push(text);
    }
    if (method === 'Runtime.consoleAPICalled' && params['type'] === 'error')
      complaints.push(JSON.stringify(params['args']));
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params['exceptionDetails']));
  });
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await send(`${domain}.enable`);
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  await send('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
  });
  return {
    complaints,
    requests: traffic.requests,
    failures: traffic.failures,
    rest: () => traffic.rest(),
    close,
    async open(url) {
      complaints.length = 0;
      traffic.forget();
      const ready = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      const { errorText } = await send<{ errorText?: string }>('Page.navigate', { url });
      if (errorText) throw new Error(`${url}: ${errorText}`);
      await ready;
    },
    async evaluate<T>(expression: string) {
      const options = { expression, returnByValue: true, awaitPromise: true };
      const { result, exceptionDetails } = await send<{ result: { value: T }; exceptionDetails?: unknown }>(
        'Runtime.evaluate',
        options,
      );
      if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
      return result.value;
    },
    async picture() {
      const { data } = await send<{ data: string }>('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(data, 'base64');
    },
  };
}
