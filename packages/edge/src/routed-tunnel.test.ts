import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, type ErrorCode, type LogFields } from '@culvert/base';
import type { OpenRequest, Stream } from '@culvert/mux';
import { type OwnerRoute, RoutedTunnel } from './routed-tunnel.ts';
import { recordingLogger } from './testing/edge-setup.ts';

const owner = (id: string, tenantId = 'acme'): OwnerRoute => ({
  tenantId,
  node: { id, boot: `${id}b`, link: `ws://${id}/link` },
});
const target = { host: 'app.internal', port: 80, kind: 'connect', connectionId: 'c_1' } as const;
// Never looked into: what is tested is which worker's answer comes back.
const stream = {} as Stream;

/** A session whose routes and whose workers' answers are given, in order. */
function setUp(routes: (OwnerRoute | undefined)[], answers: (ErrorCode | 'ok')[]) {
  const lookups: boolean[] = [];
  const opens: { worker: string; request: OpenRequest }[] = [];
  const lines: LogFields[] = [];
  const tunnel = new RoutedTunnel({
    sessionId: 's_one',
    tenantId: 'acme',
    logger: recordingLogger(lines),
    findRoute: async (_id, { refresh }) => {
      lookups.push(refresh);
      return routes.shift();
    },
    links: {
      open: async (worker, request) => {
        opens.push({ worker: worker.id, request });
        const answer = answers.shift();
        if (answer !== 'ok') throw new CulvertError(answer ?? 'internal', 'as told');
        return stream;
      },
    },
  });
  const open = (signal = new AbortController().signal) => tunnel.open(target, signal);
  return { open, lookups, opens, lines };
}

describe('RoutedTunnel', () => {
  it('opens on the owner', async () => {
    const { open, opens, lookups } = setUp([owner('w1')], ['ok']);
    assert.equal(await open(), stream);
    assert.deepEqual(lookups, [false]);
    assert.partialDeepStrictEqual(opens[0], { worker: 'w1', request: { sessionId: 's_one', ...target } });
    assert.equal(opens[0]?.request.key.length, 16);
  });

  for (const code of ['wrong_owner', 'node_unreachable', 'link_lost', 'link_timeout', 'draining'] as const) {
    it(`looks once more after ${code}, and asks under another key`, async () => {
      const { open, opens, lookups } = setUp([owner('w1'), owner('w2')], [code, 'ok']);
      assert.equal(await open(), stream);
      assert.deepEqual(lookups, [false, true]);
      assert.deepEqual(
        opens.map(({ worker }) => worker),
        ['w1', 'w2'],
      );
      assert.notDeepEqual(opens[0]?.request.key, opens[1]?.request.key);
    });
  }

  it('gives up after two hops: the session is offline for now', async () => {
    const { open, opens } = setUp([owner('w1'), owner('w2'), owner('w3')], ['wrong_owner', 'wrong_owner', 'ok']);
    await assert.rejects(open(), { code: 'session_offline', retryAfterSeconds: 1 });
    assert.equal(opens.length, 2);
  });

  it('says that the session is offline when nobody owns it', async () => {
    const { open } = setUp([undefined], []);
    await assert.rejects(open(), { code: 'session_offline', retryAfterSeconds: 1 });
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

  it("refuses a route of another tenant's session, and says so in the log", async () => {
    const { open, opens, lines } = setUp([owner('w1', 'other')], ['ok']);
    await assert.rejects(open(), { code: 'session_offline' });
    assert.deepEqual(opens, []);
    assert.equal(lines[0]?.event, 'route.tenant_mismatch');
  });
});
