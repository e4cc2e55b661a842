import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Caller } from './caller.ts';

/** What a page knows of its request beside its input. */
export interface PageRequest {
  /** Absent where nobody has to be anybody, and nobody is. */
  caller: Caller | undefined;
  event: APIGatewayProxyEvent;
}

/** What a page answers with; `page` adds the headers that every page has. */
export interface PageAnswer {
  status: number;
  headers?: Record<string, string>;
  html?: string;
}
