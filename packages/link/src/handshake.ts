import type { Socket } from 'node:net';
import { CulvertError } from '@culvert/base';
import { Limit } from '@culvert/mux';

/** What ws does for a link is the handshake: nothing is compressed, and nothing is to be collected. */
export const WS_OPTIONS = { perMessageDeflate: false, maxPayload: Limit.MESSAGE_BYTES } as const;

const WS_LISTENERS = ['socketOnData', 'socketOnEnd', 'socketOnClose', 'socketOnError'];

/**
 * Takes a socket from ws right after the handshake, before anything was read from it: in the same turn as ws's 'open',
 * or in the callback of handleUpgrade. ws hears no more of it; what came along with the handshake is still unread.
 * Only ws's own listeners are taken off, since TLS and net have theirs on the same events.
 */
export function takeOver(socket: Socket): void {
  let taken = 0;
  for (const event of ['data', 'end', 'close', 'error']) {
    for (const listener of socket.listeners(event)) {
      if (!WS_LISTENERS.includes(listener.name)) continue;
      socket.off(event, listener as (...args: unknown[]) => void);
      taken += 1;
    }
  }
  if (taken < WS_LISTENERS.length)
    throw new CulvertError('internal', `ws has ${taken} listeners on its socket, expected 4`);
}
