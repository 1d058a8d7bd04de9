import { CulvertError, withDeadline } from '@culvert/base';
import { DialedLink, type DialLinkOptions, type Link, LinkRefused } from '@culvert/link';
import type { Budget, Frame, WindowOptions } from '@culvert/mux';
import type { Network } from './network.ts';
import type { SimProcess } from './sim-process.ts';
import { SimTransport } from './transport.ts';

export interface SimDialOptions {
  readonly network: Network;
  readonly process: SimProcess;
  readonly highWaterBytes: number;
  /** Of dialing edges; agents have theirs in their stream store. */
  readonly streams?: { readonly window: WindowOptions; readonly budget: Budget; readonly keptBudget: Budget };
  /** A link is up, before anybody else hears of it. */
  readonly up?: (link: Link) => void;
  readonly sending?: (frame: Frame) => void;
}

/** Takes the place of `dialLink`: the same promises and the same errors, over the simulated network. */
export function simDial(options: SimDialOptions): (dial: DialLinkOptions) => Promise<Link> {
  const { network, process, highWaterBytes, streams, sending } = options;
  return (dial) =>
    withDeadline(dial.deadlineMs, `dialing ${dial.url}`, async (late) => {
      const signal = dial.signal === undefined ? late : AbortSignal.any([late, dial.signal]);
      const socket = await connect(dial, signal);
      const link = new DialedLink({ ...dial, ...streams, clock: process.clock }, (self, events) => {
        return new SimTransport({
          side: 'dialer',
          socket,
          self,
          highWaterBytes,
          events: {
            ...events,
            welcome: (welcome) => {
              events.welcome(welcome);
              options.up?.(link);
            },
          },
          ...(sending === undefined ? {} : { sending }),
        });
      });
      return link.whenUp(signal);
    });

  async function connect({ url, token }: DialLinkOptions, signal: AbortSignal) {
    try {
      return await network.connect(process, new URL(url).hostname, token, signal);
    } catch (error) {
      if (signal.aborted) throw new CulvertError('cancelled', 'the dial was given up', { cause: error });
      if (error instanceof CulvertError) {
        throw new LinkRefused({ code: error.code, message: error.message, final: false });
      }
      throw new CulvertError('link_lost', `cannot reach ${url}: ${String(error)}`, { cause: error });
    }
  }
}
