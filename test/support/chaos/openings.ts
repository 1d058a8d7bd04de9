import { sleep } from '@culvert/base';
import { connectVia } from '../proxy-client.ts';

const PERIOD_MS = 100;

/** A browser that opens one new connection after another, all the time: is any of them refused? */
export class Openings {
  readonly #stop = new AbortController();
  readonly #refused = new Map<string, number>();
  readonly #done: Promise<void>;
  #opened = 0;

  constructor(proxy: string, authority: string) {
    this.#done = this.#run(proxy, authority);
  }

  get opened(): number {
    return this.#opened;
  }

  /** How often it was refused, by the code of the refusal. */
  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  /** Resolves when the last one has been answered. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(proxy: string, authority: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const code = await open(proxy, authority);
      if (code === undefined) this.#opened += 1;
      else this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
      await sleep(PERIOD_MS, this.#stop.signal);
    }
  }
}

/** Opens one and breaks it off; the code when it was refused. */
async function open(proxy: string, authority: string): Promise<string | undefined> {
  try {
    const { answer, socket } = await connectVia(proxy, authority);
    socket.on('error', () => undefined); // it has done what it was for
    socket.destroy();
    return answer.status === 200 ? undefined : (answer.code ?? String(answer.status));
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException; // what node:http rejects with
    return code ?? name;
  }
}
