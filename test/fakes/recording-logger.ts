import type { Logger } from '../../lambdas/shared/logger.ts';

export interface LoggedLine {
  level: 'info' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

/** Keeps what was logged. */
export function recordingLogger(): Logger & { lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const keep =
    (level: LoggedLine['level']) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void lines.push({ level, message, fields });
  return { lines, info: keep('info'), error: keep('error') };
}
