import type { LinkTransport } from '@culvert/link';
import type { AgentTicket } from '@culvert/service';

/** A link of an agent whose session is served elsewhere, ready to carry it when that ends. */
export interface Standby {
  readonly ticket: AgentTicket;
  readonly link: LinkTransport;
}

/** The links on standby here. They own nothing: not one of them is a session. */
export class Standbys {
  readonly #all = new Set<Standby>();

  get size(): number {
    return this.#all.size;
  }

  all(): Standby[] {
    return [...this.#all];
  }

  /** Keeps it until its link ends, or it becomes a session's. Returns what takes it out. */
  add(standby: Standby): () => void {
    this.#all.add(standby);
    const remove = (): void => void this.#all.delete(standby);
    void standby.link.closed.then(remove);
    return remove;
  }
}
