/** Where the customers of a release find their cluster. */
export interface CustomersSetup {
  readonly api: string;
  readonly key: string;
  readonly gateways: readonly string[];
}

export type CustomersJob =
  | { readonly kind: 'open'; readonly idle: number; readonly busy: number }
  /** Forgets what was counted up to now. */
  | { readonly kind: 'watch' }
  | { readonly kind: 'count' };

/** What customers saw since the last `watch`. */
export interface CustomersCount {
  readonly sessions: number;
  readonly connections: number;
  readonly lost: number;
  readonly wrongBytes: number;
  readonly refused: number;
  /** New connections that came to the targets, beside those that were opened on purpose. */
  readonly reconnects: number;
  /** Links that agents made. */
  readonly links: number;
  readonly gapsMs: readonly number[];
  /** Of this process, s. */
  readonly cpu: number;
}
