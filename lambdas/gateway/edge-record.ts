/**
 * What the edge knows of tokens and logins: an entry of its key-value store for each item of the token table that
 * lets somebody in. lib/edge/viewer-request.js reads these.
 */
export interface EdgeEntry {
  /** `<token id>`, or `s-<hash>` of a login. */
  key: string;
  /** Absent where the edge is to know nothing of it: then the API alone decides. */
  value?: string;
}

/** CloudFront's own limit on a value, in bytes. */
const MAX_VALUE_BYTES = 1024;

/** An item of the token table, or only its key where it was deleted. */
export interface TokenItem {
  pk: string;
  sk: string;
  secretHash?: string;
  roles?: readonly string[];
  workspaces?: readonly string[];
  revokedAt?: string;
  /** Of a token the time in text; of a login seconds, by which the table clears up. */
  expiresAt?: string | number;
  tokenId?: string;
  endsAt?: string;
}

/** Undefined for an item that is neither a token nor a login. */
export function edgeEntry(item: TokenItem): EdgeEntry | undefined {
  if (item.pk === 'sessions') return entry(`s-${item.sk}`, item.endsAt && loginOf(item));
  if (item.pk === 'tokens') return entry(item.sk, item.secretHash && !item.revokedAt && tokenOf(item));
  return undefined;
}

const loginOf = ({ tokenId, endsAt = '' }: TokenItem) => ({ t: tokenId, e: Date.parse(endsAt) });

const tokenOf = ({ secretHash, roles = [], workspaces = [], expiresAt }: TokenItem) => ({
  h: secretHash,
  r: roles.join(','),
  w: workspaces.join(','),
  ...(typeof expiresAt === 'string' && { e: Date.parse(expiresAt) }),
});

function entry(key: string, record: object | string | false | undefined): EdgeEntry {
  const value = record ? JSON.stringify(record) : undefined;
  // A token of very many workspaces does not fit: it goes on working, through the API.
  return value !== undefined && Buffer.byteLength(value) <= MAX_VALUE_BYTES ? { key, value } : { key };
}
