import { randomBytes } from 'node:crypto';
import { base32, CulvertError } from '@culvert/base';
import { CSRF_HEADER, type Me, SIGNED_IN_UNTIL_HEADER } from '@culvert/contracts';
import type { SignOuts } from '@culvert/registry';
import { type ClusterSecret, csrfToken, sameSecret } from '@culvert/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator, Principal } from '../auth.ts';
import { iso } from '../views.ts';
import { readCookie, writeCookie } from './cookie.ts';
import { assertSameOrigin, isHttps } from './origin.ts';
import { readToken, type SignIn, writeToken } from './token.ts';

/** 128 bits. */
const ID_BYTES = 16;
/** A cookie is renewed when this part of the idle time is over: not with each answer, and early enough. */
const RENEWED_AFTER = 1 / 10;

/** How long browsers stay signed in, ms. */
export interface SignInTimes {
  /** Without a request. */
  readonly idleMs: number;
  /** At most. */
  readonly maxMs: number;
}

export const SIGN_IN_TIMES: SignInTimes = { idleMs: 3_600_000, maxMs: 12 * 3_600_000 };

export interface SignInsOptions {
  readonly secret: ClusterSecret;
  readonly signOuts: SignOuts;
  readonly authenticator: Authenticator;
  readonly times: SignInTimes;
  readonly publicUrl: () => string;
  /** ms since the Unix epoch. */
  readonly now: () => number;
}

/** Browsers that showed a key once and are known by a cookie since. No process remembers them: the cookie says it all. */
export class SignIns {
  readonly #options: SignInsOptions;

  constructor(options: SignInsOptions) {
    this.#options = options;
  }

  /** Gives the browser its cookie. One that it had before ends. */
  async begin(request: FastifyRequest, reply: FastifyReply, { keyId }: Principal): Promise<SignIn> {
    const { now, times } = this.#options;
    const before = this.#shown(request);
    if (before !== undefined) await this.#end(before);
    const at = now();
    const signIn = { id: base32(randomBytes(ID_BYTES)), keyId, issuedAt: at, usedAt: at, endsAt: at + times.maxMs };
    this.#give(request, reply, signIn);
    return signIn;
  }

  /**
   * Who asks by cookie; undefined: no cookie came. Rejects with `unauthenticated` for one that is not of this cluster, with
   * `sign_in_ended`, or with what the key itself is refused with. What is a request of a person renews the cookie.
   */
  async recognise(request: FastifyRequest, reply: FastifyReply): Promise<SignedIn | undefined> {
    const { headers } = request;
    const { publicUrl, now, authenticator, times } = this.#options;
    const secure = isHttps(headers, publicUrl());
    if (readCookie(headers.cookie, secure) === undefined) return undefined;
    try {
      const shown = this.#shown(request);
      if (shown === undefined) throw new CulvertError('unauthenticated', 'The cookie is not of this cluster.');
      await this.#learn();
      if (!this.inForce(shown)) throw new CulvertError('sign_in_ended', undefined, { fix: 'Sign in again.' });
      const principal = authenticator.principalOf(shown.keyId);
      const renewed = !isStream(request) && now() - shown.usedAt >= times.idleMs * RENEWED_AFTER;
      const signIn = renewed ? { ...shown, usedAt: now() } : shown;
      if (renewed) this.#give(request, reply, signIn);
      reply.header(SIGNED_IN_UNTIL_HEADER, iso(this.#expiresAt(signIn)));
      return { signIn, principal };
    } catch (error) {
      reply.header('set-cookie', writeCookie('', 0, secure));
      throw error;
    }
  }

  /** Is it neither idle for too long, nor too old, nor ended by somebody? Says nothing of its key. */
  inForce(signIn: SignIn): boolean {
    const { signOuts, now } = this.#options;
    return now() < this.#expiresAt(signIn) && !signOuts.has(signIn.id);
  }

  /** For what goes on after its request: true until this process knows better, which it finds out by the next time. */
  stillInForce(signIn: SignIn): boolean {
    void this.#learn(); // rejects never
    return this.inForce(signIn);
  }

  /** Throws `csrf` unless the request was made by a page of ours that knows the sign-in's token. */
  assertOwnPage({ headers }: FastifyRequest, { id }: SignIn): void {
    const { secret, publicUrl } = this.#options;
    assertSameOrigin(headers, publicUrl());
    const given = headers[CSRF_HEADER];
    if (typeof given === 'string' && sameSecret(given, csrfToken(secret, id))) return;
    throw new CulvertError('csrf', `The header ${CSRF_HEADER} is missing, or is of another sign-in.`, {
      fix: 'Reload the page. Programs send the key itself: `Authorization: Bearer ck_…`.',
    });
  }

  /** Ends it for all API processes; for this one at once, and also while Redis is away (then the promise rejects). */
  async end(request: FastifyRequest, reply: FastifyReply, signIn: SignIn): Promise<void> {
    reply.header('set-cookie', writeCookie('', 0, isHttps(request.headers, this.#options.publicUrl())));
    await this.#end(signIn);
  }

  /** What a page has to know of it. */
  describe(signIn: SignIn): NonNullable<Me['session']> {
    const csrf = csrfToken(this.#options.secret, signIn.id);
    return { csrf, expiresAt: iso(this.#expiresAt(signIn)), endsAt: iso(signIn.endsAt) };
  }

  #shown({ headers }: FastifyRequest): SignIn | undefined {
    const { secret, publicUrl } = this.#options;
    const cookie = readCookie(headers.cookie, isHttps(headers, publicUrl()));
    return cookie === undefined ? undefined : readToken(secret, cookie);
  }

  #give(request: FastifyRequest, reply: FastifyReply, signIn: SignIn): void {
    const { secret, publicUrl, now } = this.#options;
    const keptMs = this.#expiresAt(signIn) - now();
    const secure = isHttps(request.headers, publicUrl());
    reply.header('set-cookie', writeCookie(writeToken(secret, signIn), keptMs, secure));
    reply.header(SIGNED_IN_UNTIL_HEADER, iso(this.#expiresAt(signIn)));
  }

  /** Never beyond what this process's own times allow: they may be shorter than those of the one that gave it. */
  #expiresAt({ issuedAt, usedAt, endsAt }: SignIn): number {
    const { idleMs, maxMs } = this.#options.times;
    return Math.min(usedAt + idleMs, endsAt, issuedAt + maxMs);
  }

  #end({ id, endsAt }: SignIn): Promise<void> {
    return this.#options.signOuts.end(id, endsAt);
  }

  async #learn(): Promise<void> {
    try {
      await this.#options.signOuts.refresh();
    } catch {
      // Redis is away: what this process knows to be ended is ended, and the cookie's own times count.
    }
  }
}

export interface SignedIn {
  readonly signIn: SignIn;
  readonly principal: Principal;
}

/** A stream comes back by itself, so it is no sign of a person; it ends with the sign-in that it was opened by. */
function isStream({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/event-stream') ?? false;
}
