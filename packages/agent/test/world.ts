import assert from 'node:assert/strict';
import { silentLogger } from '@culvert/base';
import type { DialLinkOptions, Link } from '@culvert/link';
import type { LinkOffer, PlacementRequest, SessionOffer } from '../src/api.ts';
import { ResumeWindow } from '../src/resume-window.ts';
import { Supervisor } from '../src/supervisor.ts';
import { EventLog, FakeLink, FakePending, ManualClock } from './fakes.ts';

export type Asked = { call: 'open' } | ({ call: 'place'; sessionId: string } & Omit<PlacementRequest, 'agentId'>);

/** A step of a script: what the API or a worker does next. */
type Reply<T> = T | Error;

/** A supervisor in a world that follows a script; each `await world.asked()` lets it go one call further. */
export class World {
  readonly clock = new ManualClock();
  readonly log = new EventLog();
  readonly streams = new ResumeWindow({ clock: this.clock, resumeWindowMs: 60_000 });
  readonly served: FakePending[] = [];
  readonly links: FakeLink[] = [];
  readonly dials: DialLinkOptions[] = [];
  readonly #calls = new Mailbox<{ asked: Asked; answer: (reply: Reply<SessionOffer | LinkOffer>) => void }>();
  readonly #dialing = new Mailbox<{ options: DialLinkOptions; answer: (reply: Reply<Link>) => void }>();
  readonly supervisor: Supervisor;

  constructor(options: { links?: 1 | 2 } = {}) {
    const call = <T>(asked: Asked, signal: AbortSignal): Promise<T> =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        const answer = (reply: unknown): void => (reply instanceof Error ? reject(reply) : resolve(reply as T)); // the script keeps to the types
        this.#calls.put({ asked, answer });
      });
    this.supervisor = new Supervisor({
      api: {
        url: 'http://api.test/',
        openSession: (_session, signal) => call<SessionOffer>({ call: 'open' }, signal),
        place: (sessionId, { agentId: _, ...placement }, signal) =>
          call<LinkOffer>({ call: 'place', sessionId, ...placement }, signal),
      },
      name: 'demo',
      labels: {},
      ca: undefined,
      dialLink: (options) =>
        new Promise((resolve, reject) => {
          this.dials.push(options);
          const answer = (reply: Reply<Link>): void => (reply instanceof Error ? reject(reply) : resolve(reply));
          this.#dialing.put({ options, answer });
        }),
      streams: this.streams,
      links: options.links ?? 1,
      serve: (pending) => {
        assert(pending instanceof FakePending);
        this.served.push(pending);
      },
      emit: this.log.listener,
      logger: silentLogger,
      clock: this.clock,
      random: () => 0.5,
    });
  }

  /** The next call of the API, answered. */
  async api(reply: Reply<SessionOffer | LinkOffer>): Promise<Asked> {
    const { asked, answer } = await this.#calls.take();
    answer(reply);
    return asked;
  }

  async worker(nodeId: string, epoch: number, sessionId = 's_1'): Promise<FakeLink> {
    const { options, answer } = await this.#dialing.take();
    const link = new FakeLink(options, { nodeId, epoch, sessionId });
    this.links.push(link);
    answer(link);
    return link;
  }

  async workerFails(error: Error): Promise<void> {
    (await this.#dialing.take()).answer(error);
  }

  /** Up and announced, on `w1` with epoch 10. */
  async up(): Promise<FakeLink> {
    this.supervisor.start();
    await this.api(session('s_1'));
    const link = await this.worker('w1', 10);
    await this.log.next('link.up');
    return link;
  }
}

class Mailbox<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker) taker(item);
    else this.#items.push(item);
  }

  take(): Promise<T> {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(item);
  }
}

export const offer = (node: string): LinkOffer => ({
  url: `ws://${node}.test/link`,
  ticket: `ticket-${node}`,
  node,
  expiresAtMs: 0,
});

export const session = (id: string, node = 'w1'): SessionOffer => ({
  id,
  link: offer(node),
  proxy: { url: 'http://gw.test:3128/', username: id, password: 'p@ss/word', pac: 'http://api.test/pac' },
});

export const lost = { code: 'link_lost', message: 'the socket was closed', final: false } as const;
