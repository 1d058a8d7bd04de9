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
  /** An agent key acts for its tenant only; viewers, operators and admins for the whole cluster. */
  readonly tenant: string | null;
}

const RANK: Readonly<Record<KeyRole, number>> = { agent: 0, viewer: 1, operator: 2, admin: 3 };

/** Throws `forbidden` unless the key's role is at least `least`. */
export function requireRole(principal: Principal, least: KeyRole): void {
  if (RANK[principal.role] >= RANK[least]) return;
  throw refusalOf(principal, least);
}

/** In words, with the role that would do. */
export function refusalOf({ role }: Principal, least: KeyRole): CulvertError {
  const message = `This needs a key of the role ${least}; this one has the role ${role}.`;
  return new CulvertError('forbidden', message, {
    fix: `Use such a key; an admin makes one with \`culvert keys create --role ${least}\`.`,
  });
}

/** May the principal see, use and close what belongs to `tenant`? */
export function mayAccess(principal: Principal, tenant: string): boolean {
  return principal.role !== 'agent' || principal.tenant === tenant;
}

const ROOT: Principal = { keyId: ROOT_KEY_ID, role: 'admin', tenant: null };

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
    if (verifyRootAdminKey(this.#options.secret, text)) return ROOT;
    return this.#ofKey(await this.#find(text));
  }

  /** Who signed in with this key before; throws as `authenticate` rejects. */
  principalOf(keyId: string): Principal {
    if (keyId === ROOT_KEY_ID) return ROOT;
    const key = this.#options.settings.keyById(keyId);
    if (key === undefined) throw new CulvertError('unauthenticated', 'The key of this sign-in is gone.');
    return this.#ofKey(key);
  }

  /** Is the key still good? A stream outlives the request that was checked. */
  inForce({ keyId }: Principal): boolean {
    if (keyId === ROOT_KEY_ID) return true;
    const key = this.#options.settings.keyById(keyId);
    return key !== undefined && this.#fault(key) === undefined;
  }

  #ofKey(key: ApiKey): Principal {
    const fault = this.#fault(key);
    if (fault !== undefined) throw new CulvertError(fault);
    return { keyId: key.id, role: key.role, tenant: key.tenant };
  }

  #fault({ revokedAt, expiresAt }: ApiKey): 'key_revoked' | 'key_expired' | undefined {
    if (revokedAt !== null) return 'key_revoked';
    return expiresAt !== null && expiresAt <= this.#options.now() ? 'key_expired' : undefined;
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
