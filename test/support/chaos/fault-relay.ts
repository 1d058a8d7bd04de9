import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Random } from '@culvert/mux/testing';
import { type Condition, FaultyPipe } from './faulty-pipe.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function urlOf({ host, port }: Address): string {
  return `http://${host}:${port}`;
}

interface Relayed {
  readonly sockets: readonly [Socket, Socket];
  readonly pipes: readonly [FaultyPipe, FaultyPipe];
}

const FINE: Condition = { kind: 'fine' };

/** The network between some processes, whose TCP connections all pass through here, with the faults of networks. */
export class FaultRelay implements AsyncDisposable {
  readonly #random: Random;
  readonly #servers = new Map<string, Server>();
  readonly #relayed = new Set<Relayed>();
  /** Dialed while the network is cut; they get through when it is not any more, as a SYN that is repeated does. */
  readonly #dialing = new Map<Socket, Address>();
  readonly #sockets = new Set<Socket>();
  #condition = FINE;
  #isCut = false;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Connections that go through here now. */
  get size(): number {
    return this.#relayed.size;
  }

  /** Listens for what is meant for `to`: where it says, or on a free port of loopback. */
  async listen(to: Address, at: Address = { host: '127.0.0.1', port: 0 }): Promise<Address> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#onDial(socket, to));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(at, resolve);
    });
    const { port } = server.address() as AddressInfo; // a TCP listener has no other kind of address
    this.#servers.set(`${to.host}:${to.port}`, server);
    return { host: at.host, port };
  }

  /** As `listen`, with one address for each that it is asked for. */
  async addressFor(to: Address): Promise<Address> {
    const known = this.#servers.get(`${to.host}:${to.port}`);
    if (known === undefined) return this.listen(to);
    return { host: '127.0.0.1', port: (known.address() as AddressInfo).port }; // as above
  }

  /** Everything in both directions disappears and nobody is told. What is connected now stays dead, healed or not. */
  cut(): void {
    this.#isCut = true;
    this.silence();
  }

  /** What is connected now is dead and nobody is told; what is dialed from now on works. */
  silence(): void {
    for (const { pipes } of this.#relayed) for (const pipe of pipes) pipe.silence();
  }

  become(condition: Condition): void {
    this.#condition = condition;
    for (const { pipes } of this.#relayed) for (const pipe of pipes) pipe.review();
  }

  /** Fine again, for what is not dead. */
  heal(): void {
    this.#isCut = false;
    this.become(FINE);
    for (const [socket, to] of this.#dialing) this.#join(socket, to);
    this.#dialing.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#dialing.clear();
    const closed = [...this.#servers.values()].map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #onDial(socket: Socket, to: Address): void {
    this.#keep(socket);
    if (!this.#isCut) {
      this.#join(socket, to);
      return;
    }
    this.#dialing.set(socket, to);
    socket.once('close', () => this.#dialing.delete(socket));
  }

  #join(near: Socket, to: Address): void {
    const far = connect({ ...to, allowHalfOpen: true, noDelay: true });
    this.#keep(far);
    const options = { condition: () => this.#condition, random: () => this.#random.next() };
    const up = new FaultyPipe({ ...options, from: near, to: far });
    const down = new FaultyPipe({ ...options, from: far, to: near });
    const relayed: Relayed = { sockets: [near, far], pipes: [up, down] };
    this.#relayed.add(relayed);
    for (const socket of relayed.sockets) {
      socket.once('close', () => {
        if (relayed.sockets.every(({ closed }) => closed)) this.#relayed.delete(relayed);
      });
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined); // `close` follows
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
