import { type Static, Type } from 'typebox';
import { MadeId, Nullable, Timestamp } from './fields.ts';
import { KeyRole } from './tenants.ts';

/** Browsers that signed in send it with every request that is no GET, as `X-Culvert-CSRF`. */
export const CSRF_HEADER = 'x-culvert-csrf';

/** On answers to requests by cookie: the time at which the sign-in ends unless something is asked for before. */
export const SIGNED_IN_UNTIL_HEADER = 'x-culvert-signed-in-until';

/** `POST /sign-in`: a key for a cookie. */
export const SignInBody = Type.Object({ key: Type.String({ minLength: 1, maxLength: 256 }) });
export type SignInBody = Static<typeof SignInBody>;

/** `GET /me`, and the answer to `POST /sign-in`: who asks. */
export const Me = Type.Object({
  keyId: MadeId,
  role: KeyRole,
  tenant: Nullable(Type.String()),
  label: Nullable(Type.String({ description: 'Of the key; null: it has none.' })),
  /** How this request showed who it is from. */
  by: Type.Union([Type.Literal('key'), Type.Literal('cookie')]),
  /** Of a cookie. */
  session: Nullable(
    Type.Object({
      csrf: Type.String({ description: `Goes into the header ${CSRF_HEADER}.` }),
      expiresAt: { ...Timestamp, description: 'Unless something is asked for before.' },
      endsAt: { ...Timestamp, description: 'Whatever is asked for.' },
    }),
  ),
});
export type Me = Static<typeof Me>;
