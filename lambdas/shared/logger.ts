/** One JSON line an event, on stdout. Never whole events or payloads: callers pass the few fields that explain. */
export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

const write = (level: string, message: string, fields: Record<string, unknown> = {}) =>
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);

export const jsonLogger: Logger = {
  info: (message, fields) => void write('info', message, fields),
  error: (message, fields) => void write('error', message, fields),
};
