/** What a socket carries: commands for Redis, or the frames of a link. */
export type SocketUse = 'redis' | 'link';

export type SocketListener = (use: SocketUse, socket: object) => void;

const listeners = new Set<SocketListener>();

/**
 * Said once of each socket that leads to Redis or carries a link. Nobody listens unless this process may rehearse
 * failures of the network, and then only to find the sockets: nothing is put around one that works as it should.
 */
export function announceSocket(use: SocketUse, socket: object): void {
  for (const listener of listeners) listener(use, socket);
}

/** Hears of every such socket from now on. Returns what removes the listener. */
export function onSocket(listener: SocketListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
