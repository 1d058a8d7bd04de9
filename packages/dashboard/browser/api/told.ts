import { useEffect, useState } from 'preact/hooks';

/** A value that is told from outside, such as by a stream, and those who want to hear of it. */
export class Told<T> {
  #value: T;
  readonly #watchers = new Set<(value: T) => void>();

  constructor(initial: T) {
    this.#value = initial;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    for (const watcher of this.#watchers) watcher(value);
  }

  /** Returns what ends it. */
  watch(watcher: (value: T) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }
}

/** The value as it was told last; the component is drawn anew with each. */
export function useTold<T>(told: Told<T>): T {
  // In an object: a state that is a function would be called.
  const [held, setHeld] = useState(() => ({ value: told.value }));
  useEffect(() => {
    setHeld({ value: told.value });
    return told.watch((value) => setHeld({ value }));
  }, [told]);
  return held.value;
}
