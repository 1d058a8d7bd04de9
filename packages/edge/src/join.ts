import type { Duplex } from 'node:stream';

/**
 * Pipes two duplexes into each other: half-close and back-pressure both ways, and when one breaks so does the other.
 * Takes both over. For a TCP socket and a stream use `splice`, which is faster.
 */
export function join(one: Duplex, other: Duplex): void {
  oneWay(one, other);
  oneWay(other, one);
}

function oneWay(from: Duplex, to: Duplex): void {
  from.pipe(to);
  // An error is always followed by `close`, which is what is acted on.
  from.on('error', () => undefined);
  from.on('close', () => {
    const orderly = from.readableEnded && from.writableFinished && !from.errored;
    if (!orderly) to.destroy();
  });
}
