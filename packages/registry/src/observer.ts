/** Hears of everything that a process asks of Redis for the registry. Must not throw. */
export interface RegistryObserver {
  /** A command or script was answered, or given up, after so many ms. `outcome`: ok, or an error code. */
  called(command: string, ms: number, outcome: string): void;
  /** A write of this process was refused: it was of a stale epoch. */
  fenced(): void;
}

/** Tells of each `fenced` among the outcomes of writes. */
export function countFenced(observer: RegistryObserver | undefined, outcomes: Iterable<string>): void {
  for (const outcome of outcomes) if (outcome === 'fenced') observer?.fenced();
}
