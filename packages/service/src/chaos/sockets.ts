import { Socket } from 'node:net';
import { onSocket, type SocketUse } from '@culvert/base';
import type { Network } from '@culvert/contracts';
import type { Passage } from './delay-line.ts';
import { SocketBrake } from './socket-brake.ts';

/** The sockets of this process that lead to Redis or carry links, and what is done to them. */
export class Sockets {
  readonly #open = new Map<Socket, SocketUse>();
  readonly #unlisten: () => void;
  #brakes: SocketBrake[] = [];
  /** What befalls sockets that are opened meanwhile. */
  #onNew: ((socket: Socket, use: SocketUse) => void) | undefined;

  constructor() {
    this.#unlisten = onSocket((use, socket) => {
      if (socket instanceof Socket) this.#add(socket, use);
    });
  }

  /** How many are open. */
  count(use: SocketUse): number {
    return [...this.#open.values()].filter((one) => one === use).length;
  }

  /** Holds back, or delays, what passes; also on sockets that are opened meanwhile. */
  brake(network: Network, passage: Passage): void {
    const apply = (socket: Socket): void => void this.#brakes.push(new SocketBrake(socket, passage));
    this.#begin(network, apply);
  }

  /** Breaks every connection off, with RST, and those that are opened meanwhile as soon as they are. */
  reset(network: Network): void {
    this.#begin(network, (socket) => void socket.resetAndDestroy());
  }

  /** Everything is as it was; what was held back passes. */
  release(): void {
    this.#onNew = undefined;
    const brakes = this.#brakes;
    this.#brakes = [];
    for (const brake of brakes) brake.release();
  }

  close(): void {
    this.#unlisten();
    this.release();
  }

  #begin(network: Network, apply: (socket: Socket) => void): void {
    this.release();
    const concerned = (use: SocketUse): boolean =>
      network === 'both' || network === (use === 'link' ? 'links' : 'redis');
    for (const [socket, use] of this.#open) if (concerned(use)) apply(socket);
    this.#onNew = (socket, use) => {
      if (concerned(use)) apply(socket);
    };
  }

  #add(socket: Socket, use: SocketUse): void {
    const opened = (): void => {
      this.#open.set(socket, use);
      this.#onNew?.(socket, use);
    };
    socket.once('close', () => this.#open.delete(socket));
    // Who waits for the connection hears of it first: a socket that is not open yet has nothing to hold.
    if (socket.connecting) socket.once('connect', opened);
    else opened();
  }
}
