import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { CulvertError, Scope, silentLogger } from '@culvert/base';
import { type AgentTicket, ClusterSecret, type NodeTicket, signTicket } from '@culvert/service';
import { PassThrough, type PassThroughOptions } from './pass-through.ts';

const secret = ClusterSecret.parse('a secret of the cluster, 32 bytes long');
const agentTicket: AgentTicket = {
  kind: 'agent',
  sessionId: 's_one',
  tenantId: 'acme',
  name: null,
  agentId: 'a_1',
  keyId: 'k_1',
  labels: {},
  node: 'w1',
  lastEpoch: 0,
  connectionLimit: 10,
  expiresAt: Date.now() + 60_000,
};
const nodeTicket: NodeTicket = {
  kind: 'node',
  id: 'g1',
  boot: 'b',
  role: 'gateway',
  node: 'w1',
  expiresAt: agentTicket.expiresAt,
};
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-W: 1\r\n\r\n';

const handshake = (path: string, token: string | undefined): string =>
  `GET ${path} HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n` +
  `Sec-WebSocket-Version: 13\r\nX-Other: 1\r\n${token === undefined ? '' : `Authorization: Bearer ${token}\r\n`}\r\n`;

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A gateway's pass-through and one worker, `w1`, that answers a handshake with `answer` and then echoes. */
class Setup implements AsyncDisposable {
  readonly heads: string[] = [];
  readonly #scope = new Scope();
  readonly #sockets = new Set<Socket>();
  port = 0;
  passThrough: PassThrough | undefined;

  static async start(answer: string, options: Partial<PassThroughOptions> = {}): Promise<Setup> {
    const setup = new Setup();
    const server = createServer({ allowHalfOpen: true }, (socket) => setup.#serve(socket, answer));
    const workerPort = await listen(server);
    setup.#scope.defer('worker', () => server.close());
    const workers = { linkOf: async (id: string) => (id === 'w1' ? `ws://127.0.0.1:${workerPort}` : undefined) };
    const passThrough = new PassThrough({ secret, workers, logger: silentLogger, ...options });
    setup.#scope.own('pass-through', passThrough);
    setup.passThrough = passThrough;
    setup.port = (await passThrough.listen({ host: '127.0.0.1', port: 0 })).port;
    return setup;
  }

  dial(text: string): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.port, allowHalfOpen: true });
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    this.#sockets.add(socket);
    socket.write(text);
    return socket;
  }

  /** What one dial is answered with, up to the end. */
  async answerTo(text: string): Promise<string> {
    let answer = '';
    for await (const chunk of this.dial(text)) answer += chunk;
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#scope.close();
  }

  #serve(socket: Socket, answer: string): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n') + 4;
      this.heads.push(text.slice(0, end));
      socket.write(answer + text.slice(end));
      socket.pipe(socket);
    });
  }
}

async function read(socket: Socket, length: number): Promise<string> {
  let text = '';
  while (text.length < length) {
    await once(socket, 'readable');
    text += socket.read() ?? '';
  }
  return text;
}

describe('link pass-through', () => {
  it("passes an agent's handshake on to its worker, then bytes both ways", async () => {
    await using setup = await Setup.start(`${SWITCH}welcome`);
    const token = signTicket(secret, agentTicket);
    const socket = setup.dial(`${handshake('/link/w1', token)}hello`);
    const answer = await read(socket, SWITCH.length + 12);
    assert.match(answer, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(answer, /\r\nX-W: 1\r\n/);
    assert.ok(answer.endsWith('welcomehello'), answer);
    const [head = ''] = setup.heads;
    assert.match(head, /^GET \/link HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/);
    assert.ok(head.includes(`authorization: Bearer ${token}\r\n`));
    assert.match(head, /sec-websocket-key: k\r\n/);
    assert.doesNotMatch(head, /x-other/i);
  });

  it('keeps half-close', async () => {
    await using setup = await Setup.start(SWITCH);
    const socket = setup.dial(handshake('/link/w1', signTicket(secret, agentTicket)));
    await read(socket, SWITCH.length);
    socket.end('last words');
    let rest = '';
    for await (const chunk of socket) rest += chunk;
    assert.equal(rest, 'last words');
  });

  for (const [what, path, token, code] of [
    ['no ticket', '/link/w1', undefined, '401 ticket invalid'],
    ['a forged ticket', '/link/w1', `${signTicket(secret, agentTicket)}x`, '401 ticket invalid'],
    ['a ticket for another worker', '/link/w2', signTicket(secret, agentTicket), '401 ticket invalid'],
    ["a node's ticket", '/link/w1', signTicket(secret, nodeTicket), '401 ticket invalid'],
    ['an old ticket', '/link/w1', signTicket(secret, { ...agentTicket, expiresAt: 1 }), '401 ticket expired'],
    ['another path', '/sessions', signTicket(secret, agentTicket), '404 not found'],
    ['a path beyond the link', '/link/w1/../x', signTicket(secret, agentTicket), '404 not found'],
    [
      'a worker that is not there',
      '/link/w3',
      signTicket(secret, { ...agentTicket, node: 'w3' }),
      '502 node unreachable',
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await using setup = await Setup.start(SWITCH);
      const answer = await setup.answerTo(handshake(path, token));
      assert.ok(answer.startsWith(`HTTP/1.1 ${code}\r\n`), answer);
      assert.match(answer, new RegExp(`\r\nX-Culvert-Error: ${code.slice(4).replace(' ', '_')}\r\n`));
      assert.deepEqual(setup.heads, []);
    });
  }

  it('answers nothing but handshakes', async () => {
    await using setup = await Setup.start(SWITCH);
    const answer = await setup.answerTo(`GET /link/w1 HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 426 /);
    assert.deepEqual(setup.heads, []);
  });

  it("tells the worker's refusal on, and lets nothing more through to it", async () => {
    const refusal =
      'HTTP/1.1 503 draining\r\nX-Culvert-Error: draining\r\nRetry-After: 2\r\nContent-Length: 3\r\n\r\nno\n';
    await using setup = await Setup.start(refusal);
    const more = 'GET /secret HTTP/1.1\r\nHost: x\r\n\r\n';
    const answer = await setup.answerTo(handshake('/link/w1', signTicket(secret, agentTicket)) + more);
    assert.match(answer, /^HTTP\/1\.1 503 draining\r\nX-Culvert-Error: draining\r\nRetry-After: 2\r\n/);
    assert.equal(setup.heads.length, 1);
    assert.doesNotMatch(setup.heads.join(''), /secret HTTP/);
  });

  it('answers 502 when the worker does not listen', async () => {
    await using setup = await Setup.start(SWITCH, { workers: { linkOf: async () => 'ws://127.0.0.1:1' } });
    const answer = await setup.answerTo(handshake('/link/w1', signTicket(secret, agentTicket)));
    assert.match(answer, /^HTTP\/1\.1 502 node unreachable\r\n/);
  });

  it('answers 502 when the worker does not answer in time', async () => {
    await using setup = await Setup.start('', { dialDeadlineMs: 30 });
    const answer = await setup.answerTo(handshake('/link/w1', signTicket(secret, agentTicket)));
    assert.match(answer, /^HTTP\/1\.1 502 node unreachable\r\n/);
  });

  it('refuses while the node stops', async () => {
    await using setup = await Setup.start(SWITCH, { refusing: () => new CulvertError('draining') });
    const answer = await setup.answerTo(handshake('/link/w1', signTicket(secret, agentTicket)));
    assert.match(answer, /^HTTP\/1\.1 503 draining\r\n/);
  });

  it('leaves its port to another one, goes on with the links that there are, and ends them a few at a time', async () => {
    await using setup = await Setup.start(`${SWITCH}welcome`);
    const { passThrough } = setup;
    assert.ok(passThrough);
    const dial = () => setup.dial(`${handshake('/link/w1', signTicket(secret, agentTicket))}`);
    const links = Array.from({ length: 60 }, dial);
    await Promise.all(links.map((link) => read(link, SWITCH.length + 7)));
    await passThrough.stopListening();
    await assert.rejects(once(connect(setup.port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
    const [first] = links as [Socket];
    first.write('still');
    assert.equal(await read(first, 5), 'still');
    const deadline = new AbortController();
    const ended = passThrough.end(deadline.signal);
    while (passThrough.links === 60) await new Promise(setImmediate);
    assert.equal(passThrough.links, 58, 'two at a time: 60 in at most 50 steps');
    deadline.abort();
    await ended;
    assert.equal(passThrough.links, 0);
  });
});
