import { ProbeSession, type ProbeSessionOptions } from './probe-session.ts';

type Worker = { readonly id: string; readonly link?: string };

/** One session of the canary tenant on each worker that is probed. */
export class ProbeSessions {
  readonly #options: Omit<ProbeSessionOptions, 'choose'>;
  readonly #sessions = new Map<string, ProbeSession>();
  /** Where each worker takes links; it may change when the worker starts anew. */
  readonly #links = new Map<string, string>();

  constructor(options: Omit<ProbeSessionOptions, 'choose'>) {
    this.#options = options;
  }

  of(worker: string): ProbeSession | undefined {
    return this.#sessions.get(worker);
  }

  /** Opens what is missing, and closes what is on any other worker; resolves once that is gone, which nobody need wait for. */
  async keep(workers: readonly Worker[]): Promise<void> {
    this.#links.clear();
    for (const { id, link } of workers) if (link !== undefined) this.#links.set(id, link);
    const dropped = [...this.#sessions].filter(([id]) => !this.#links.has(id));
    for (const [id] of dropped) this.#sessions.delete(id);
    for (const id of this.#links.keys()) if (!this.#sessions.has(id)) this.#open(id);
    await Promise.all(dropped.map(([, session]) => session.close()));
  }

  async close(): Promise<void> {
    await this.keep([]);
  }

  #open(worker: string): void {
    const choose = (): { id: string; link: string } | undefined => {
      const link = this.#links.get(worker);
      return link === undefined ? undefined : { id: worker, link };
    };
    const session = new ProbeSession({ ...this.#options, choose });
    this.#sessions.set(worker, session);
    void session.over.then(() => {
      if (this.#sessions.get(worker) === session) this.#sessions.delete(worker);
    });
  }
}
