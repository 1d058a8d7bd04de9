/** One connection that is always in use in its own way, and looks at every byte that it gets. */
export interface Flow {
  /** What it does. */
  readonly kind: string;
  /** Which proxy it goes through. */
  readonly way: string;
  /** Bytes that were not what they should have been. */
  readonly wrong: number;
  /** Why it was lost: it ended although neither side had ended it, or never came to its end. Undefined: it was not. */
  readonly lost: Error | undefined;
  /** Resolves when something that was sent after this call has arrived. Rejects when the connection is lost. */
  passed(): Promise<void>;
  /** Silences count from now on. */
  watch(): void;
  /** The longest silence since `watch()`, ms; undefined for one that is silent of its own. */
  gapMs(): number | undefined;
  /** Both sides end it in order. Rejects when a byte or an end is missing. */
  finish(): Promise<void>;
  /** Breaks it off, in whatever state it is. */
  destroy(): void;
}
