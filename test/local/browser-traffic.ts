import { setTimeout as sleep } from 'node:timers/promises';

export interface FailedRequest {
  method: string;
  url: string;
  /** The status of the answer, or why there was none. */
  why: string;
}

interface Sent {
  requestId: string;
  request: { method: string; url: string };
  response?: { status: number };
  redirectResponse?: { status: number };
  errorText?: string;
  canceled?: boolean;
  loaderId?: string;
}

const QUIET_MS = 500;
const MOST_MS = 30_000;

/** What a page asks for and what comes of it, by the events of the DevTools protocol. */
export class Traffic {
  readonly requests: string[] = [];
  readonly failures: FailedRequest[] = [];
  private readonly onTheWay = new Map<string, Sent['request']>();
  private readonly ofWorkers = new Set<string>();
  private last = Date.now();

  hear(event: string, params: Record<string, unknown>): void {
    if (!event.startsWith('Network.')) return;
    const { requestId, request, response, errorText, canceled, loaderId } = params as unknown as Sent;
    const asked = this.onTheWay.get(requestId);
    if (event === 'Network.requestWillBeSent') {
      this.last = Date.now();
      // A redirect is the same request under another URL.
      this.requests.push(request.url);
      if (/^https?:/.test(request.url)) this.onTheWay.set(requestId, request);
      // The script of a shared worker: its end is told to the worker.
      if (loaderId === '') this.ofWorkers.add(requestId);
    } else if (event === 'Network.responseReceived' && asked && response && response.status >= 400) {
      this.failures.push({ method: asked.method, url: asked.url, why: String(response.status) });
    } else if (event === 'Network.loadingFinished' || event === 'Network.loadingFailed') {
      this.last = Date.now();
      // What the page itself gave up, such as a question that it asks anew, is no failure.
      if (errorText !== undefined && !canceled && asked) this.failures.push({ ...pick(asked), why: errorText });
      this.onTheWay.delete(requestId);
    }
  }

  forget(): void {
    this.requests.length = 0;
    this.failures.length = 0;
    this.onTheWay.clear();
    this.last = Date.now();
  }

  async rest(): Promise<void> {
    const until = Date.now() + MOST_MS;
    const isBusy = () => [...this.onTheWay.keys()].some((id) => !this.ofWorkers.has(id));
    while (isBusy() || Date.now() - this.last < QUIET_MS) {
      if (Date.now() > until) {
        const urls = [...this.onTheWay.values()].map(({ url }) => url);
        throw new Error(`the page asks for ever: ${urls.join(', ') || this.requests.slice(-5).join(', ')}`);
      }
      await sleep(50);
    }
  }
}

const pick = ({ method, url }: Sent['request']) => ({ method, url });
