import { base32 } from '@culvert/base';
import { type ClusterSecret, sameSecret } from './secret.ts';

/** 80 bits: 16 letters, enough that no two names of a cluster ever meet. */
const SESSION_ID_BYTES = 10;
/** 160 bits: out of reach of guessing over the network, and still short enough to paste. */
const SECRET_BYTES = 20;

/** The id of a named session: the same whenever that tenant opens that name, and telling nothing about either. */
export function deriveSessionId(secret: ClusterSecret, tenantId: string, name: string): string {
  return `s_${base32(secret.mac('session-id', tenantId, name).subarray(0, SESSION_ID_BYTES))}`;
}

/** The password of a session's proxy credentials: derived, so a gateway checks it without asking anyone. */
export function proxySecret(secret: ClusterSecret, sessionId: string): string {
  return base32(secret.mac('proxy-secret', sessionId).subarray(0, SECRET_BYTES));
}

export function verifyProxySecret(secret: ClusterSecret, sessionId: string, given: string): boolean {
  return sameSecret(given, proxySecret(secret, sessionId));
}

/** Opens one session's `proxy.pac` and nothing else: a browser that fetches a PAC file can send no bearer key. */
export function pacToken(secret: ClusterSecret, sessionId: string): string {
  return base32(secret.mac('pac-token', sessionId).subarray(0, SECRET_BYTES));
}

export function verifyPacToken(secret: ClusterSecret, sessionId: string, given: string): boolean {
  return sameSecret(given, pacToken(secret, sessionId));
}

/** Names a tenant's own status page, which whoever has the link may read: it must tell nothing that a key is needed for. */
export function statusToken(secret: ClusterSecret, tenantId: string): string {
  return base32(secret.mac('status-token', tenantId).subarray(0, SECRET_BYTES));
}

/** Vouches for what a signed-in browser's cookie says. */
export function signInSeal(secret: ClusterSecret, text: string): string {
  return base32(secret.mac('sign-in', text).subarray(0, SECRET_BYTES));
}

/** What a page of one sign-in knows, and a page of another site can't: it goes with each request that changes something. */
export function csrfToken(secret: ClusterSecret, signInId: string): string {
  return base32(secret.mac('csrf', signInId).subarray(0, SECRET_BYTES));
}

/** The id of the derived admin key; no stored key may take it. */
export const ROOT_KEY_ID = 'root';

/**
 * The admin key that exists before any other. Derived, so that it is on no disk; it goes away with a new
 * cluster secret and cannot be revoked otherwise.
 */
export function rootAdminKey(secret: ClusterSecret): string {
  return `ck_${ROOT_KEY_ID}_${base32(secret.mac('root-admin-key').subarray(0, SECRET_BYTES))}`;
}

export function verifyRootAdminKey(secret: ClusterSecret, given: string): boolean {
  return sameSecret(given, rootAdminKey(secret));
}
