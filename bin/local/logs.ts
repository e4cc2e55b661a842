import { setTimeout as sleep } from 'node:timers/promises';
import { paginateDescribeLogGroups, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import type { AwsClients } from './aws-clients.ts';

export interface LogLine {
  /** The function, by its log group's last part: `serving-predict`. */
  from: string;
  time: Date;
  text: string;
}

export interface ReadLogs {
  /** Goes on with what is written from now on, until `signal` aborts. */
  follow?: boolean;
  signal?: AbortSignal;
  onLine: (line: LogLine) => void;
}

const PREFIX = '/millrace/local/';
const POLL_MS = 500;
/** The emulator's own lines about an invocation. */
const FRAME = /^(START|END|REPORT) RequestId: /;

/** Every function's log lines, in order of time. */
export async function readLogs({ logs }: AwsClients, { follow = false, signal, onLine }: ReadLogs): Promise<void> {
  const seen = new Set<string>();
  let from = 0;
  do {
    const lines = await linesSince(logs, from, seen);
    for (const line of lines) onLine(line);
    // Lines of one moment may come in two answers; `seen` keeps those apart.
    from = lines.at(-1)?.time.getTime() ?? from;
  } while (follow && (await pause(signal)));
}

async function linesSince(logs: AwsClients['logs'], from: number, seen: Set<string>): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix: PREFIX })) {
    for (const { logGroupName = '' } of logGroups) {
      const query = { logGroupName, startTime: from };
      const nth = new Map<string, number>();
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, query)) {
        for (const { logStreamName, timestamp = 0, message = '' } of events) {
          // The emulator gives a function's lines no id: the n-th of its moment in its stream is always the same.
          const moment = `${logGroupName} ${logStreamName} ${timestamp}`;
          const n = (nth.get(moment) ?? 0) + 1;
          nth.set(moment, n);
          if (seen.has(`${moment} ${n}`)) continue;
          seen.add(`${moment} ${n}`);
          if (FRAME.test(message)) continue;
          lines.push({ from: logGroupName.slice(PREFIX.length), time: new Date(timestamp), text: message.trimEnd() });
        }
      }
    }
  }
  return lines.sort((one, other) => one.time.getTime() - other.time.getTime());
}

/** False once nobody listens any more. */
async function pause(signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleep(POLL_MS, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
