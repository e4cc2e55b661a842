/** One PUT of exactly the announced bytes, once, with these headers, before `expiresAt`. */
export interface Upload {
  uploadId: string;
  url: string;
  method: 'PUT';
  headers: Record<string, string>;
  key: string;
  expiresAt: string;
}
