import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import type { DialLinkOptions, Link } from '@culvert/link';
import type { LinkEnd, OpenRequest, Reason, Stream, StreamEnd } from '@culvert/mux';
import { WorkerLinks, type WorkerLinksOptions } from './worker-links.ts';

const worker = { id: 'w1', boot: 'b1', link: 'ws://127.0.0.1:1/link' };
const request: OpenRequest = {
  key: new Uint8Array(16),
  sessionId: 's_one',
  connectionId: 'c_1',
  kind: 'connect',
  host: 'app.internal',
  port: 80,
};

/** A link that refuses every open by naming itself, so that a test sees which link it was. */
class FakeLink implements Link {
  readonly welcome = { nodeId: 'w1', boot: 'b1', sessionId: '', epoch: 0 } as Link['welcome'];
  readonly roundTripMs = undefined;
  openStreams = 0;
  readonly queuedBytes = 0;
  readonly name: string;
  readonly #end = Promise.withResolvers<LinkEnd>();
  readonly closed = this.#end.promise;
  #goAway: ((end: LinkEnd) => void) | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  open(): Promise<Stream> {
    return Promise.reject(new CulvertError('target_denied', this.name));
  }

  resume(): () => void {
    throw new CulvertError('link_lost', this.name);
  }

  leave(): void {}

  claim(): Promise<number> {
    return Promise.reject(new CulvertError('link_lost', this.name));
  }

  onGoAway(listener: (end: LinkEnd) => void): void {
    this.#goAway = listener;
  }

  whenEmpty(listener: () => void): void {
    if (this.openStreams === 0) listener();
    else this.#whenEmpty = listener;
  }

  close(code: LinkEnd['code'] = 'shutting_down', message = ''): void {
    this.#end.resolve({ code, message, final: false });
  }

  goAway(): void {
    this.#goAway?.({ code: 'draining', message: '', final: false });
  }

  empty(): void {
    this.openStreams = 0;
    this.#whenEmpty?.();
  }
}

function setUp(options: Partial<WorkerLinksOptions> = {}) {
  const dials: DialLinkOptions[] = [];
  const made: FakeLink[] = [];
  const links = new WorkerLinks({
    id: 'g1',
    software: 'test/1',
    logger: silentLogger,
    token: (to) => `ticket for ${to.id}`,
    dial: (dial) => {
      dials.push(dial);
      const link = new FakeLink(`link ${made.length}`);
      made.push(link);
      return Promise.resolve(link);
    },
    ...options,
  });
  const open = async (to = worker): Promise<string> => {
    const failure = await links.open(to, request, { deadlineMs: 1_000 }).catch((error: CulvertError) => error);
    assert.ok(failure instanceof CulvertError);
    return `${failure.code} ${failure.message}`;
  };
  return { links, dials, made, open, [Symbol.dispose]: () => links.close() };
}

describe('WorkerLinks', () => {
  it('dials a worker once, with a ticket for it, and keeps the link', async () => {
    using setup = setUp();
    const answers = await Promise.all([setup.open(), setup.open()]);
    assert.deepEqual([...answers, await setup.open()], Array(3).fill('target_denied link 0'));
    assert.deepEqual(
      setup.dials.map(({ url, token, role, id }) => [url, token, role, id]),
      [[worker.link, 'ticket for w1', 'edge', 'g1']],
    );
    assert.equal(setup.links.size, 1);
  });

  it('hands out the link itself, the same one; streams that lose it are somebody’s who takes them', async () => {
    const lost: (string | Reason | StreamEnd)[][] = [];
    using setup = setUp({ detached: (...about) => lost.push(about) });
    const [link, again] = await Promise.all([setup.links.linkTo(worker), setup.links.linkTo(worker)]);
    assert.equal(link, setup.made[0]);
    assert.equal(again, link);
    const stream = {} as StreamEnd;
    const why: Reason = { code: 'draining', message: '' };
    setup.dials[0]?.detached?.(stream, why); // given, so RESUME is offered
    assert.deepEqual(lost, [[stream, why, 'w1']]);
    using plain = setUp();
    await plain.links.linkTo(worker);
    assert.equal(plain.dials[0]?.detached, undefined);
  });

  it('counts streams by worker, over all of its boots and also on links that are asked to go away', async () => {
    using setup = setUp();
    for (const to of [worker, { ...worker, boot: 'b2' }, { ...worker, id: 'w2' }]) await setup.open(to);
    const [first, second, other] = setup.made as [FakeLink, FakeLink, FakeLink];
    Object.assign(first, { openStreams: 2 });
    Object.assign(second, { openStreams: 3 });
    assert.deepEqual(
      [...setup.links.streams()],
      [
        ['w1', 5],
        ['w2', 0],
      ],
    );
    first.goAway();
    other.close();
    await other.closed;
    assert.deepEqual([...setup.links.streams()], [['w1', 5]]);
    first.empty();
    await first.closed;
    assert.deepEqual([...setup.links.streams()], [['w1', 3]]);
  });

  it('tells boots and addresses of a worker apart', async () => {
    using setup = setUp();
    await setup.open();
    assert.equal(await setup.open({ ...worker, boot: 'b2' }), 'target_denied link 1');
    assert.equal(await setup.open({ ...worker, link: 'ws://127.0.0.1:2/link' }), 'target_denied link 2');
  });

  it('dials again after a link has ended', async () => {
    using setup = setUp();
    await setup.open();
    setup.made[0]?.close('link_lost');
    await setup.made[0]?.closed;
    assert.equal(await setup.open(), 'target_denied link 1');
  });

  it('opens nothing more on a link that is asked to go away, and ends it when it is empty', async () => {
    using setup = setUp();
    await setup.open();
    const [first] = setup.made;
    assert.ok(first);
    first.openStreams = 1;
    first.goAway();
    assert.equal(await setup.open(), 'target_denied link 1');
    first.empty();
    await first.closed;
  });

  it('fails at once while a worker that could not be reached is left alone', async () => {
    let dials = 0;
    using setup = setUp({
      dial: () => {
        dials += 1;
        return Promise.reject(new CulvertError('link_lost', 'refused'));
      },
    });
    const answers = [await setup.open(), await setup.open()];
    assert.deepEqual(answers, Array(2).fill('node_unreachable Worker w1 cannot be reached.'));
    while (dials < 2) {
      await new Promise((resolve) => setImmediate(resolve)); // until the back-off ends
      await setup.open();
    }
  });

  it('closes links that nothing uses', async () => {
    using setup = setUp({ idleMs: 20 });
    await setup.open();
    const [link] = setup.made;
    assert.equal((await link?.closed)?.code, 'shutting_down');
    assert.equal(setup.links.size, 0);
  });

  it('keeps links that carry streams', async () => {
    using setup = setUp({ idleMs: 10 });
    await setup.open();
    const [link] = setup.made;
    assert.ok(link);
    link.openStreams = 1;
    await new Promise((resolve) => setTimeout(resolve, 40));
    assert.equal(setup.links.size, 1);
  });

  it('ends everything on close, also a link that comes up later', async () => {
    const late = Promise.withResolvers<Link>();
    const up = new FakeLink('late');
    using setup = setUp({ dial: () => late.promise });
    const opening = setup.open();
    setup.links.close();
    late.resolve(up);
    await up.closed;
    await opening;
    assert.match(await setup.open(), /^shutting_down/);
  });
});
