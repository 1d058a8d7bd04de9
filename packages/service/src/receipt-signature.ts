import { createHmac } from 'node:crypto';
import type { Receipt } from '@culvert/contracts';
import { type ClusterSecret, sameSecret } from './secret.ts';

const ALGORITHM = 'HMAC-SHA256';

/** The receipt with its signature: HMAC-SHA-256 over its canonical JSON, base64url. */
export function signReceipt(secret: ClusterSecret, receipt: Omit<Receipt, 'signature'>): Receipt {
  return { ...receipt, signature: { algorithm: ALGORITHM, value: macOf(secret, receipt) } };
}

/** Whether this cluster signed it, and nothing in it was changed since. */
export function verifyReceipt(secret: ClusterSecret, receipt: Receipt): boolean {
  const { signature, ...rest } = receipt;
  return signature.algorithm === ALGORITHM && sameSecret(signature.value, macOf(secret, rest));
}

function macOf(secret: ClusterSecret, receipt: Omit<Receipt, 'signature'>): string {
  return createHmac('sha256', secret.key('receipt')).update(canonicalJson(receipt)).digest('base64url');
}

/**
 * JSON in one form only: keys sorted by their UTF-16 units, no white space, what is undefined left out. For JSON values;
 * numbers as JSON.stringify writes them.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, held]) => held !== undefined);
  fields.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([key, held]) => `${JSON.stringify(key)}:${canonicalJson(held)}`).join(',')}}`;
}
