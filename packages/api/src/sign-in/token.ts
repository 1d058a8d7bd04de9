import { type ClusterSecret, sameSecret, signInSeal } from '@culvert/service';

/** What a signed-in browser shows instead of its key. Times are ms since the Unix epoch. */
export interface SignIn {
  readonly id: string;
  readonly keyId: string;
  readonly issuedAt: number;
  /** When it was last renewed: not each request does that. */
  readonly usedAt: number;
  /** Whatever is asked for, it ends then. */
  readonly endsAt: number;
}

const FORM = /^1\.([0-9a-z]{1,64})\.([0-9a-z]{1,64})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.([0-9a-z]{32})$/;

/** As a cookie's value: it holds everything, so any API process of the cluster can check it by computing. */
export function writeToken(secret: ClusterSecret, { keyId, id, issuedAt, usedAt, endsAt }: SignIn): string {
  const text = `1.${keyId}.${id}.${issuedAt}.${usedAt}.${endsAt}`;
  return `${text}.${signInSeal(secret, text)}`;
}

/** undefined: it is none, or none of this cluster's. Whether it is still in force is another question. */
export function readToken(secret: ClusterSecret, token: string): SignIn | undefined {
  const [, keyId, id, issuedAt, usedAt, endsAt, seal] = FORM.exec(token) ?? [];
  if (keyId === undefined || id === undefined || seal === undefined) return undefined;
  const text = token.slice(0, -seal.length - 1);
  if (!sameSecret(seal, signInSeal(secret, text))) return undefined;
  return { id, keyId, issuedAt: Number(issuedAt), usedAt: Number(usedAt), endsAt: Number(endsAt) };
}
