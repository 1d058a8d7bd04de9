import type { Clock, ErrorCode, Logger } from '@culvert/base';
import type { dialLink, Link } from '@culvert/link';
import { Feature, type PendingStream, type StreamStore } from '@culvert/mux';
import type { LinkOffer } from './api.ts';
import { SOFTWARE } from './software.ts';

/** From dialing the worker to its WELCOME. */
const LINK_DEADLINE_MS = 10_000;

/** From asking a worker on standby to its answer; asking the API instead takes less than waiting longer. */
const CLAIM_DEADLINE_MS = 2_000;

export interface SessionLinkOptions {
  readonly dialLink: typeof dialLink;
  readonly agentId: string;
  readonly ca: string | undefined;
  /** The session's streams; they outlive the link. */
  readonly store: StreamStore;
  /** Serves an open that came over a link of this epoch, or refuses it. */
  readonly admit: (pending: PendingStream, epoch: number) => void;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Dials the worker of an offer. @throws what `dialLink` throws */
export async function dialSession(
  options: SessionLinkOptions,
  offer: LinkOffer,
  signal: AbortSignal,
): Promise<SessionLink> {
  const { dialLink, agentId, ca, store, logger } = options;
  const up = Promise.withResolvers<SessionLink>();
  const link = await dialLink({
    url: offer.url,
    token: offer.ticket,
    role: 'agent',
    id: agentId,
    software: SOFTWARE,
    deadlineMs: LINK_DEADLINE_MS,
    signal,
    store,
    // Opens may follow WELCOME in the same message, before this function hears of the link.
    accept: (pending) => void up.promise.then((self) => self.admit(pending)),
    logger,
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  const self = new SessionLink(link, options);
  up.resolve(self);
  return self;
}

/** A link of the agent's session, and the epoch under which its worker owns the session: 0 on standby. */
export class SessionLink {
  readonly link: Link;
  readonly #options: SessionLinkOptions;
  #epoch: number;
  #claiming: Promise<void> | undefined;

  constructor(link: Link, options: SessionLinkOptions) {
    this.link = link;
    this.#options = options;
    this.#epoch = link.welcome.epoch;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get node(): string {
    return this.link.welcome.nodeId;
  }

  /** Its streams can go on over another link. */
  get resumable(): boolean {
    return (this.link.welcome.features & Feature.RESUME) !== 0;
  }

  /** @internal An open came; one that comes right behind CLAIMED waits until that is known. */
  admit(pending: PendingStream): void {
    if (this.#claiming === undefined) this.#options.admit(pending, this.#epoch);
    else void this.#claiming.then(() => this.#options.admit(pending, this.#epoch));
  }

  /**
   * On standby: has the worker take the session over. When it does not, within 2 s or until the signal is aborted, the
   * link is closed. @throws CulvertError timeout, cancelled, or that with which the worker ended the link
   */
  async claim(lastEpoch: number, signal: AbortSignal): Promise<void> {
    const cancelTimer = this.#options.clock.after(CLAIM_DEADLINE_MS, () => {
      this.close('timeout', `no answer to CLAIM within ${CLAIM_DEADLINE_MS} ms`);
    });
    const abort = (): void => {
      cancelTimer();
      this.close('cancelled', 'the agent has moved on');
    };
    signal.addEventListener('abort', abort, { once: true });
    const claimed = this.link.claim(lastEpoch).then((epoch) => {
      this.#epoch = epoch;
    });
    this.#claiming = claimed.catch(() => undefined); // whoever waits looks at the epoch, which is still 0
    try {
      await claimed;
    } finally {
      cancelTimer();
      signal.removeEventListener('abort', abort);
      this.#claiming = undefined;
    }
  }

  close(code: ErrorCode, message: string): void {
    this.link.close(code, message);
  }
}
