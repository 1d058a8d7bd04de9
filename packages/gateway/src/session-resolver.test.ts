import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CulvertError, silentLogger } from '@culvert/base';
import type { OwnerRoute } from '@culvert/edge';
import { ClusterSecret, deriveSessionId, proxySecret } from '@culvert/service';
import { SessionResolver } from './session-resolver.ts';

const secret = ClusterSecret.parse('a secret of the cluster, 32 bytes long');
const id = deriveSessionId(secret, 'acme', 'shop');
const password = proxySecret(secret, id);

function setUp(
  routes: Record<string, OwnerRoute | undefined> | CulvertError,
  known: Record<string, { tenantId: string; ownerless: boolean }> = {},
  onLookUp: () => void = () => undefined,
) {
  const lookups: string[] = [];
  const resolver = new SessionResolver({
    secret,
    logger: silentLogger,
    links: { open: () => Promise.reject(new CulvertError('target_denied')) },
    findRoute: async (sessionId) => {
      lookups.push(sessionId);
      onLookUp();
      if (routes instanceof CulvertError) throw routes;
      return routes[sessionId];
    },
    findSession: async (sessionId) => known[sessionId],
    waitMs: 400,
  });
  return { resolver, lookups };
}

const route: OwnerRoute = { tenantId: 'acme', node: { id: 'w1', boot: 'b1', link: 'ws://127.0.0.1:1/link' } };

describe('proxy credentials', () => {
  it('by name and tenant open the session without asking the registry', async () => {
    const { resolver, lookups } = setUp({});
    const tunnel = await resolver.resolve({ username: 'shop@acme', password });
    assert.deepEqual([tunnel.sessionId, tunnel.tenantId], [id, 'acme']);
    assert.deepEqual(lookups, []);
  });

  it('allow an @ in a name', async () => {
    const { resolver } = setUp({});
    const other = deriveSessionId(secret, 'acme', 'a@b');
    const tunnel = await resolver.resolve({ username: 'a@b@acme', password: proxySecret(secret, other) });
    assert.equal(tunnel.sessionId, other);
  });

  it('by session id take the tenant from the route', async () => {
    const { resolver } = setUp({ [id]: route });
    const tunnel = await resolver.resolve({ username: id, password });
    assert.deepEqual([tunnel.sessionId, tunnel.tenantId], [id, 'acme']);
  });

  it('by session id of a session whose agent is away take the tenant from its record', async () => {
    const { resolver } = setUp({}, { [id]: { tenantId: 'acme', ownerless: false } });
    const tunnel = await resolver.resolve({ username: id, password });
    assert.equal(tunnel.tenantId, 'acme');
  });

  it('by session id of nobody say that the session is offline', async () => {
    const { resolver } = setUp({});
    await assert.rejects(resolver.resolve({ username: id, password }), {
      code: 'session_offline',
      retryAfterSeconds: 1,
    });
  });

  it('by session id wait while the registry is away, and then pass that on', async () => {
    const { resolver, lookups } = setUp(new CulvertError('registry_unavailable'));
    await assert.rejects(resolver.resolve({ username: id, password }), { code: 'registry_unavailable' });
    assert.ok(lookups.length > 1);
  });

  it('by session id are resolved once the registry is back', async () => {
    const routes: Record<string, OwnerRoute> = { [id]: route };
    let away = 2;
    const { resolver } = setUp(routes, {}, () => {
      away -= 1;
      if (away >= 0) throw new CulvertError('recovering');
    });
    assert.equal((await resolver.resolve({ username: id, password })).tenantId, 'acme');
    assert.equal(away, -1);
  });

  for (const [what, credentials] of [
    ['a wrong secret', { username: 'shop@acme', password: `${password}x` }],
    ['no secret', { username: 'shop@acme', password: '' }],
    ["another session's secret", { username: 'other@acme', password }],
    ['an unknown tenant', { username: 'shop@nobody', password }],
    ['another tenant with a session of that name', { username: 'shop@evil', password }],
    ['a wrong secret for an id', { username: id, password: 'guess' }],
    ['an id that does not exist', { username: 's_0000000000000000', password }],
    ['an empty name', { username: '', password }],
  ] as const) {
    it(`with ${what} get one and the same answer, and no look-up`, async () => {
      const { resolver, lookups } = setUp({ [id]: route });
      await assert.rejects(resolver.resolve(credentials), {
        code: 'proxy_auth_required',
        message: 'The proxy user name or secret is wrong.',
      });
      assert.deepEqual(lookups, []);
    });
  }

  it('do not reach a session whose record names another tenant', async () => {
    const { resolver } = setUp({ [id]: { ...route, tenantId: 'evil' } });
    const tunnel = await resolver.resolve({ username: 'shop@acme', password });
    const target = { host: 'a', port: 1, kind: 'connect', connectionId: 'c' } as const;
    await assert.rejects(tunnel.open(target, new AbortController().signal), { code: 'session_offline' });
  });
});
