import { createHash, randomBytes } from 'node:crypto';
import { base32 } from '@culvert/base';

/** 160 random bits; a hash without salt or stretching is enough for what can't be guessed. */
const SECRET_BYTES = 20;
const ID_BYTES = 5;

export interface NewApiKey {
  readonly id: string;
  /** `ck_<id>_<secret>`: shown once, stored nowhere. */
  readonly text: string;
  /** What is stored of the secret. */
  readonly hash: string;
}

export function newApiKey(): NewApiKey {
  const id = base32(randomBytes(ID_BYTES));
  const secret = base32(randomBytes(SECRET_BYTES));
  return { id, text: `ck_${id}_${secret}`, hash: hashKeySecret(secret) };
}

/** The two parts of `ck_<id>_<secret>`, or undefined for what is no key at all. */
export function parseApiKey(text: string): { id: string; secret: string } | undefined {
  const match = /^ck_([0-9a-z]{1,32})_([0-9a-z]{16,64})$/.exec(text);
  return match?.[1] && match[2] ? { id: match[1], secret: match[2] } : undefined;
}

export function hashKeySecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
