/** What a page answers with; `page` adds the headers that every page has. */
export interface PageAnswer {
  status: number;
  headers?: Record<string, string>;
  html?: string;
}
