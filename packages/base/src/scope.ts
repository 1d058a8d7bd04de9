/**
 * Who starts a thing owns its end. A scope collects the ends while a process (or a test) starts, and
 * runs them in reverse order when it closes; one that fails does not keep the others from running.
 */
export class Scope implements AsyncDisposable {
  readonly #ends: { name: string; end: () => unknown }[] = [];
  #closing: Promise<void> | undefined;

  /** Registers `end`, run when the scope closes. Returns nothing to undo it: what was started stays owned. */
  defer(name: string, end: () => unknown): void {
    if (this.#closing) throw new Error(`scope is closing; ${name} came too late to be owned by it`);
    this.#ends.push({ name, end });
  }

  /** Owns a resource that knows how to end itself, and hands it back. */
  own<T extends { close(): unknown }>(name: string, resource: T): T {
    this.defer(name, () => resource.close());
    return resource;
  }

  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /** Ends everything, last started first. Idempotent. Rejects with an AggregateError of what failed. */
  close(onStep?: (name: string) => void): Promise<void> {
    this.#closing ??= this.#run(onStep);
    return this.#closing;
  }

  async #run(onStep?: (name: string) => void): Promise<void> {
    const failures: unknown[] = [];
    for (const { name, end } of this.#ends.toReversed()) {
      onStep?.(name);
      try {
        await end();
      } catch (error) {
        failures.push(new Error(`ending ${name} failed`, { cause: error }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some resources did not end cleanly');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
