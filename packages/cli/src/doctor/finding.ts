/** What one look showed. */
export interface Finding {
  readonly outcome: 'ok' | 'failed' | 'skipped';
  /** What was looked at: `Redis`, `worker-1 link`. */
  readonly what: string;
  /** What it looked like. */
  readonly detail: string;
  /** What a person can do about it. */
  readonly fix?: string;
}

export const ok = (what: string, detail: string): Finding => ({ outcome: 'ok', what, detail });
export const failed = (what: string, detail: string, fix: string): Finding => ({
  outcome: 'failed',
  what,
  detail,
  fix,
});
/** Not looked at, and why. */
export const skipped = (what: string, detail: string): Finding => ({ outcome: 'skipped', what, detail });

/** Words for whatever was thrown. */
export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
