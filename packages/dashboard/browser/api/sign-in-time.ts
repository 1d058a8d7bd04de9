/** How long the sign-in lasts, as the API told it last. Times are ms since 1970. */
export interface SignInTime {
  /** When it was told. */
  readonly toldAt: number;
  /** Unless something is asked for before. */
  readonly until: number;
  /** Whatever is asked for. */
  readonly endsAt: number;
}

/** `idle`: asking for anything puts it off; `end`: nothing does; `over`: the API knows it no more. */
export type SignInHint =
  | { readonly kind: 'none' }
  | { readonly kind: 'idle' | 'end'; readonly leftMs: number }
  | { readonly kind: 'over' };

/** People are told so long before, ms … */
const HINT_MS = 5 * 60_000;
/** … or when this part of the time is left, where it is short. */
const HINT_PART = 1 / 4;

/** What there is to say of it now. */
export function hintOf({ toldAt, until, endsAt }: SignInTime, now: number): SignInHint {
  const leftMs = until - now;
  if (leftMs <= 0) return { kind: 'over' };
  const mostMs = until - toldAt;
  if (leftMs > Math.min(HINT_MS, mostMs * HINT_PART)) return { kind: 'none' };
  return { kind: until >= endsAt ? 'end' : 'idle', leftMs };
}
