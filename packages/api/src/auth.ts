import { CulvertError } from '@culvert/base';
import type { ApiKey, KeyRole, SettingsStore } from '@culvert/registry';
import { type ClusterSecret, ROOT_KEY_ID, sameSecret, verifyRootAdminKey } from '@culvert/service';
import { hashKeySecret, parseApiKey } from './api-keys.ts';

/** Unknown keys make the API look into Redis this often at most: guessing must cost the guesser, not us. */
const REFRESH_EVERY_MS = 1_000;

/** Who asks. */
export interface Principal {
  readonly keyId: string;
  readonly role: KeyRole;
  /** An agent key acts for its tenant only; operators and admins for the whole cluster. */
  readonly tenant: string | null;
}

const RANK: Readonly<Record<KeyRole, number>> = { agent: 0, operator: 1, admin: 2 };

/** Throws `forbidden` unless the key's role is at least `least`. */
export function requireRole(principal: Principal, least: KeyRole): void {
  if (RANK[principal.role] >= RANK[least]) return;
  throw new CulvertError('forbidden', `This needs an ${least} key; this one has the role ${principal.role}.`);
}

/** May the principal see, use and close what belongs to `tenant`? */
export function mayAccess(principal: Principal, tenant: string): boolean {
  return principal.role !== 'agent' || principal.tenant === tenant;
}

export interface AuthenticatorOptions {
  readonly secret: ClusterSecret;
  readonly settings: SettingsStore;
  readonly now: () => number;
}

/** Tells from an Authorization header who asks. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /**
   * Rejects with `unauthenticated`, `key_expired` or `key_revoked`; with `registry_unavailable` while the settings
   * were never read, because then an unknown key may be a good one.
   */
  async authenticate(authorization: string | undefined): Promise<Principal> {
    const text = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (text === undefined) {
      throw new CulvertError('unauthenticated', 'The Authorization header must be `Bearer ck_…`.');
    }
    const { secret, now } = this.#options;
    if (verifyRootAdminKey(secret, text)) return { keyId: ROOT_KEY_ID, role: 'admin', tenant: null };
    const key = await this.#find(text);
    if (key.revokedAt !== null) throw new CulvertError('key_revoked');
    if (key.expiresAt !== null && key.expiresAt <= now()) throw new CulvertError('key_expired');
    return { keyId: key.id, role: key.role, tenant: key.tenant };
  }

  async #find(text: string): Promise<ApiKey> {
    const given = parseApiKey(text);
    if (given === undefined) throw new CulvertError('unauthenticated');
    const hash = hashKeySecret(given.secret);
    const known = this.#lookUp(given.id, hash);
    if (known) return known;
    await this.#refresh();
    const found = this.#lookUp(given.id, hash);
    if (!found) throw new CulvertError('unauthenticated');
    return found;
  }

  #lookUp(id: string, hash: string): ApiKey | undefined {
    const key = this.#options.settings.keyByHash(hash);
    return key && key.id === id && sameSecret(key.hash, hash) ? key : undefined;
  }

  /** The key may have been made a moment ago at another API process, and the hint of it still under way. */
  async #refresh(): Promise<void> {
    const { settings, now } = this.#options;
    if (settings.loaded && now() - this.#refreshedAt < REFRESH_EVERY_MS) return;
    this.#refreshedAt = now();
    try {
      await settings.refresh();
    } catch (error) {
      if (!settings.loaded) throw error;
      // Redis is away: what this process knows stays in force, and it does not know the key.
    }
  }
}
