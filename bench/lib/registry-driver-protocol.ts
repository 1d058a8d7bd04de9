interface Amount {
  /** Operations under way at once. */
  readonly parallel: number;
  /** Ends after this time, ms … */
  readonly ms?: number;
  /** … or after so many operations. */
  readonly count?: number;
}

export type DriverJob = Amount &
  (
    | { readonly kind: 'claim'; readonly from: number }
    /** `count`: sessions. */
    | { readonly kind: 'reassert'; readonly from: number }
    /** `sessions`: how many there are. */
    | { readonly kind: 'route' | 'verify' | 'cached' | 'beat'; readonly sessions: number }
  );

export interface DriverAnswer {
  readonly operations: number;
  readonly seconds: number;
  /** Of the driving process. */
  readonly cpuUs: number;
}
