import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, type ErrorCode, type LogFields } from '@culvert/base';
import type { OpenRequest, Stream } from '@culvert/mux';
import { ManualClock } from '@culvert/mux/testing';
import { faultOf } from '@culvert/telemetry';
import { type OwnerRoute, RoutedTunnel } from './routed-tunnel.ts';
import { recordingLogger } from './testing/edge-setup.ts';

const owner = (id: string, tenantId = 'acme'): OwnerRoute => ({
  tenantId,
  node: { id, boot: `${id}b`, link: `ws://${id}/link` },
});
const target = { host: 'app.internal', port: 80, kind: 'connect', connectionId: 'c_1' } as const;
type Answer = ErrorCode | 'ok';
const WAIT_MS = 2_000;
// Never looked into: what is tested is which worker's answer comes back.
const stream = {} as Stream;

/** A session whose routes and whose workers' answers are given, in order; time passes only in its pauses. */
function setUp(
  routes: (OwnerRoute | ErrorCode | undefined)[],
  answers: (Answer | (() => Answer))[],
  mayReturn: boolean | 'ownerless' = false,
) {
  const clock = new ManualClock();
  const lookups: boolean[] = [];
  const opens: { worker: string; request: OpenRequest; atMs: number }[] = [];
  const lines: LogFields[] = [];
  const tunnel = new RoutedTunnel({
    sessionId: 's_one',
    tenantId: 'acme',
    logger: recordingLogger(lines),
    clock,
    random: () => 0.5,
    waitMs: WAIT_MS,
    mayReturn: async () => mayReturn,
    findRoute: async (_id, { refresh }) => {
      lookups.push(refresh);
      const route = routes.length > 1 ? routes.shift() : routes[0];
      if (typeof route === 'string') throw new CulvertError(route);
      return route;
    },
    links: {
      open: async (worker, request) => {
        opens.push({ worker: worker.id, request, atMs: clock.monotonic() });
        const next = answers.length > 1 ? answers.shift() : answers[0];
        const answer = typeof next === 'function' ? next() : next;
        if (answer !== 'ok') throw new CulvertError(answer ?? 'internal', 'as told');
        return stream;
      },
    },
  });
  /** Lets time pass until there is an answer. */
  const open = async (signal = new AbortController().signal) => {
    let answered = false;
    const opening = tunnel.open(target, signal).finally(() => {
      answered = true;
    });
    opening.catch(() => undefined); // Whoever asked gets it below.
    for (;;) {
      await new Promise(setImmediate);
      if (answered || signal.aborted) return opening;
      clock.advance((clock.next ?? clock.monotonic()) - clock.monotonic());
    }
  };
  return { open, lookups, opens, lines, clock };
}

describe('RoutedTunnel', { timeout: 5_000 }, () => {
  it('opens on the owner', async () => {
    const { open, opens, lookups } = setUp([owner('w1')], ['ok']);
    assert.equal(await open(), stream);
    assert.deepEqual(lookups, [false]);
    assert.partialDeepStrictEqual(opens[0], { worker: 'w1', request: { sessionId: 's_one', ...target } });
    assert.equal(opens[0]?.request.key.length, 16);
    assert.equal(opens[0]?.request.attempt, undefined);
  });

  for (const code of ['wrong_owner', 'node_unreachable', 'link_lost', 'link_timeout', 'draining'] as const) {
    it(`looks once more after ${code}, at once: the same open, its attempts counted`, async () => {
      const { open, opens, lookups, clock } = setUp([owner('w1'), owner('w2')], [code, 'ok']);
      assert.equal(await open(), stream);
      assert.deepEqual(lookups, [false, true]);
      assert.deepEqual(
        opens.map(({ worker, request }) => [worker, request.attempt]),
        [
          ['w1', undefined],
          ['w2', 1],
        ],
      );
      assert.deepEqual(opens[0]?.request.key, opens[1]?.request.key);
      assert.equal(clock.monotonic(), 0);
    });
  }

  it('waits, with longer and longer pauses, while the session is on its way to another worker', async () => {
    const answers: ErrorCode[] = ['wrong_owner', 'draining', 'link_lost', 'session_offline'];
    const { open, opens } = setUp([owner('w1')], [...answers, 'ok']);
    assert.equal(await open(), stream);
    assert.deepEqual(
      opens.map(({ request }) => request.attempt),
      [undefined, 1, 2, 3, 4],
    );
    const pauses = opens.slice(1).map(({ atMs }, i) => atMs - (opens[i]?.atMs ?? 0));
    assert.deepEqual(pauses, [0, 25, 45, 85]);
    for (const { request } of opens) assert.deepEqual(request.key, opens[0]?.request.key);
  });

  it('gives up when that takes too long: the session is offline for now', async () => {
    const { open, opens, clock } = setUp([owner('w1')], ['node_unreachable']);
    await assert.rejects(open(), { code: 'session_offline', retryAfterSeconds: 1 });
    assert.ok(opens.length > 5, `${opens.length} attempts`);
    assert.ok(clock.monotonic() <= WAIT_MS && clock.monotonic() > WAIT_MS / 2, `${clock.monotonic()} ms`);
  });

  it('makes two hops at most: a third wrong owner is the last', async () => {
    const { open, opens, lookups, clock } = setUp(
      [owner('w1'), owner('w2'), owner('w3'), owner('w4')],
      ['wrong_owner', 'wrong_owner', 'wrong_owner', 'ok'],
    );
    await assert.rejects(open(), { code: 'session_offline', retryAfterSeconds: 1 });
    assert.deepEqual(
      opens.map(({ worker }) => worker),
      ['w1', 'w2', 'w3'],
    );
    assert.deepEqual(lookups, [false, true, true]);
    assert.ok(clock.monotonic() < WAIT_MS / 2, `${clock.monotonic()} ms`);
  });

  it('gives a claim that is under way the time to come through before the last hop', async () => {
    const { open, opens } = setUp([owner('w1'), owner('w2')], ['wrong_owner', 'wrong_owner', 'ok']);
    assert.equal(await open(), stream);
    const at = opens.map(({ worker, atMs }) => `${worker} ${atMs}`);
    assert.deepEqual(at, ['w1 0', 'w2 0', 'w2 270']);
  });

  it("counts no hop while nobody owns the session, or its owner can't be reached: it is waited for", async () => {
    const nobody = Array<undefined>(5).fill(undefined);
    const moving = [owner('w1'), owner('w2'), ...nobody, owner('w3')];
    const { open, opens } = setUp(moving, ['wrong_owner', 'wrong_owner', 'link_lost', 'node_unreachable', 'ok'], true);
    assert.equal(await open(), stream);
    assert.deepEqual(
      opens.map(({ worker }) => worker),
      ['w1', 'w2', 'w3', 'w3', 'w3'],
    );
  });

  it('counts hops over the whole of an open, whatever comes between', async () => {
    const routes = [owner('w1'), undefined, owner('w2'), undefined, owner('w3')];
    const { open, opens } = setUp(routes, ['wrong_owner', 'wrong_owner', 'wrong_owner', 'ok'], true);
    await assert.rejects(open(), { code: 'session_offline' });
    assert.equal(opens.length, 3);
  });

  it('that nobody owns is offline at once, unless its agent may come back', async () => {
    const absent = setUp([undefined], []);
    await assert.rejects(absent.open(), { code: 'session_offline', retryAfterSeconds: 1 });
    assert.deepEqual([absent.clock.monotonic(), absent.lookups], [0, [false]]);
  });

  it('waits for an agent that may come back, and opens where it does', async () => {
    const { open, opens, lookups } = setUp([undefined, undefined, undefined, owner('w2')], ['ok'], true);
    assert.equal(await open(), stream);
    assert.deepEqual(lookups, [false, true, true, true]);
    assert.deepEqual(
      opens.map(({ worker }) => worker),
      ['w2'],
    );
  });

  for (const code of ['registry_unavailable', 'recovering'] as const) {
    it(`waits while the owner cannot be known (${code}), and no longer than it may`, async () => {
      const { open, opens } = setUp([code, code, owner('w2')], ['ok']);
      assert.equal(await open(), stream);
      assert.equal(opens.length, 1);
      const away = setUp([code], ['ok']);
      await assert.rejects(away.open(), { code });
      const waitedMs = away.clock.monotonic();
      assert.ok(waitedMs > WAIT_MS / 2 && waitedMs <= WAIT_MS, `${waitedMs} ms`);
      assert.equal(away.opens.length, 0);
    });
  }

  it('any other failure to find the owner is told at once', async () => {
    const { open, clock } = setUp(['internal'], ['ok']);
    await assert.rejects(open(), { code: 'internal' });
    assert.equal(clock.monotonic(), 0);
  });

  it('what an attempt took does not count: a target may be slow to answer, and its session move meanwhile', async () => {
    const { open, opens, clock } = setUp(
      [owner('w1'), owner('w2')],
      [
        () => {
          clock.advance(2 * WAIT_MS);
          return 'link_lost';
        },
        'wrong_owner',
        'ok',
      ],
    );
    assert.equal(await open(), stream);
    assert.equal(opens.length, 3);
  });

  it('… and no longer than it may', async () => {
    const { open, clock } = setUp([undefined], [], true);
    await assert.rejects(open(), { code: 'session_offline', retryAfterSeconds: 1 });
    assert.ok(clock.monotonic() <= WAIT_MS && clock.monotonic() > WAIT_MS / 2, `${clock.monotonic()} ms`);
  });

  for (const code of ['target_denied', 'target_unreachable', 'target_timeout', 'bad_request'] as const) {
    it(`does not ask anyone else after ${code}`, async () => {
      const { open, opens } = setUp([owner('w1'), owner('w2')], [code, 'ok']);
      await assert.rejects(open(), { code });
      assert.equal(opens.length, 1);
    });
  }

  it('says when to come back after session_offline and limit_exceeded', async () => {
    for (const code of ['session_offline', 'limit_exceeded'] as const) {
      await assert.rejects(setUp([owner('w1')], [code]).open(), { code, retryAfterSeconds: 1 });
    }
  });

  it('does not go on for a browser that has gone', async () => {
    const { open, opens } = setUp([owner('w1'), owner('w2')], ['link_lost', 'ok']);
    await assert.rejects(open(AbortSignal.abort()), { code: 'link_lost' });
    assert.equal(opens.length, 1);
  });

  it('a browser that goes while it waits ends the wait', async () => {
    const browser = new AbortController();
    const { open, clock } = setUp([undefined], [], true);
    const opening = open(browser.signal);
    while (clock.next === undefined) await Promise.resolve(); // it pauses
    browser.abort();
    await assert.rejects(opening, { code: 'cancelled' });
    assert.equal(clock.next, undefined, 'no timer is left');
  });

  it("refuses a route of another tenant's session, and says so in the log", async () => {
    const { open, opens, lines } = setUp([owner('w1', 'other')], ['ok']);
    await assert.rejects(open(), { code: 'session_offline' });
    assert.deepEqual(opens, []);
    assert.equal(lines[0]?.event, 'route.tenant_mismatch');
  });

  it('says whose fault it is that nobody came: an agent that is away, or a worker that is gone', async () => {
    for (const [mayReturn, fault] of [
      [true, 'excused'],
      ['ownerless', 'failed'],
    ] as const) {
      const { open } = setUp([undefined], ['ok'], mayReturn);
      const error = await open().catch((thrown: unknown) => thrown);
      assert.ok(error instanceof CulvertError && error.code === 'session_offline');
      assert.equal(faultOf(error), fault, String(mayReturn));
    }
    const away = await setUp([owner('w1')], ['session_offline'])
      .open()
      .catch((thrown: unknown) => thrown);
    assert.ok(away instanceof CulvertError && faultOf(away) === 'excused', 'its worker says that the agent is away');
    const gone = await setUp([owner('w1')], ['link_timeout'])
      .open()
      .catch((thrown: unknown) => thrown);
    assert.ok(gone instanceof CulvertError && faultOf(gone) === 'failed', 'its worker says nothing');
  });
});
