import type { PlatformError } from '../shared/errors.ts';
import type { OperationKind } from './operation.ts';

/** Counts by bin as `[bin, count, bin, count, …]`: a request touches few bins. */
export type BinCounts = number[];

/** Where a request's rows lie; bins, never values. */
export interface RowCounts {
  features: Record<string, BinCounts>;
  outputs: BinCounts;
  answers: Record<string, number>;
}

/** What is gathered while a request is answered. */
export interface RequestLine {
  kind: OperationKind | 'golden' | 'unknown';
  /** Milliseconds since 1970. */
  at: number;
  /** On the elapsed clock. */
  started: number;
  rows: number;
  nan: number;
  counts?: RowCounts;
  id?: string;
}

/** The message of the lines that windows are made of; the lines of metadata, health and golden requests have others. */
const PREDICTION = 'prediction';
/** The message of the line that says that a bundle did not verify. */
const BUNDLE_REFUSED = 'bundle refused';

/** A line as `collect-windows` reads it back. */
export interface PredictionLine extends RowCounts {
  workspace: string;
  endpoint: string;
  functionVersion: string;
  at: number;
  status: number;
  ms: number;
  rows: number;
  nan: number;
}

interface Endpoint {
  workspace: string;
  endpoint: string;
  functionVersion: string;
}

const NOTHING: RowCounts = { features: {}, outputs: [], answers: {} };

/**
 * One JSON line a request. What a caller sent stands in no line, an error's own text only where the platform failed:
 * the text of a refused value quotes it.
 */
export function requestLines({ workspace, endpoint, functionVersion }: Endpoint) {
  const where = `"workspace":"${workspace}","endpoint":"${endpoint}","functionVersion":"${functionVersion}"`;
  return (line: RequestLine, status: number, ms: number, error?: PlatformError): string => {
    const level = status >= 500 ? 'error' : 'info';
    // What fails before its operation is known counts as a prediction: traffic is nearly all of it.
    const message = line.kind === 'infer' || line.kind === 'unknown' ? PREDICTION : line.kind;
    let text = `{"level":"${level}","message":"${message}",${where},"at":${line.at},"status":${status},"ms":${ms.toFixed(3)},"rows":${line.rows},"nan":${line.nan}`;
    if (line.id) text += `,"id":"${line.id}"`;
    if (error) {
      text += `,"error":"${error.name}"`;
      if (status >= 500) text += `,"reason":${JSON.stringify(error.message)}`;
      if (error.kind === 'unexpected') text += `,"stack":${JSON.stringify(stackOf(error))}`;
    }
    return `${text},"counts":${JSON.stringify(line.counts ?? NOTHING)}}\n`;
  };
}

const stackOf = (error: Error) => (error.cause instanceof Error ? error.cause.stack : error.stack)?.slice(0, 2000);

/** The line that says why a bundle is not served. */
export const bundleRefusedLine = ({ workspace, endpoint, functionVersion }: Endpoint, error: Error): string =>
  `${JSON.stringify({
    level: 'error',
    message: BUNDLE_REFUSED,
    workspace,
    endpoint,
    functionVersion,
    reason: error.message,
  })}\n`;

/** What a log event says to the collector; undefined for lines that are not its business. */
export function parseLine(text: string): { prediction: PredictionLine } | { refused: Endpoint } | undefined {
  if (!text.startsWith('{"level":')) return undefined;
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { workspace, endpoint, functionVersion } = line as unknown as Endpoint;
  if (typeof workspace !== 'string' || typeof endpoint !== 'string' || typeof functionVersion !== 'string') {
    return undefined;
  }
  if (line['message'] === BUNDLE_REFUSED) return { refused: { workspace, endpoint, functionVersion } };
  if (line['message'] !== PREDICTION) return undefined;
  const { at, status, ms, rows, nan } = line as unknown as PredictionLine;
  const counts = (line['counts'] ?? NOTHING) as RowCounts;
  return { prediction: { workspace, endpoint, functionVersion, at, status, ms, rows, nan, ...counts } };
}
