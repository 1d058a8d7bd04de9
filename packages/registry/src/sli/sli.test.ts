import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { silentLogger } from '@culvert/base';
import { noCounts, type SliBucket, type SliCounts, type SliSpan } from '@culvert/telemetry';
import { Redis } from 'ioredis';
import { Registry } from '../registry.ts';
import { startRedis, type TestRedis } from '../testing/start-redis.ts';
import { formatCounts, parseCounts } from './counts-text.ts';

const MINUTE = 60_000;
const SPANS: readonly [SliSpan, number][] = [
  ['minute', MINUTE],
  ['hour', 3_600_000],
  ['day', 86_400_000],
];
const NOW = Date.now();
const FROM = NOW - 5 * MINUTE;

function counts(some: Partial<SliCounts>): SliCounts {
  return { ...noCounts(), ...some };
}

/** Of all three lengths, as a node tells them. */
function told(some: Partial<SliCounts>, options: Partial<Omit<SliBucket, 'counts'>> = {}): SliBucket[] {
  const { source = 'real', tenant = 'acme', startMs: at = NOW } = options;
  return SPANS.map(([span, ms]) => ({ span, startMs: at - (at % ms), source, tenant, counts: counts(some) }));
}

describe('service-level counts in Redis', () => {
  let redis: TestRedis;
  let admin: Redis;
  let registry: Registry;
  before(async () => {
    redis = await startRedis();
    admin = new Redis(redis.url);
    registry = Registry.connect({ url: redis.url, logger: silentLogger });
    await registry.waitUntilAvailable(AbortSignal.timeout(5_000));
  });
  after(async () => {
    await registry.close();
    admin.disconnect();
    await redis.stop();
  });
  beforeEach(async () => {
    await admin.flushdb();
  });
  const write = (node: string, buckets: SliBucket[]) => registry.sli.writeSli({ node, boot: 'b1' }, buckets);
  const read = (tenant?: string) =>
    registry.sli.read({ fromMs: FROM, toMs: NOW + MINUTE, ...(tenant === undefined ? {} : { tenant }) });

  it('adds up nodes, tenants and sources; told again, nothing changes', async () => {
    const setup = noCounts().setup.map((_, i) => i);
    await write('g1', [
      ...told({ opened: 3, connectionMs: 2 ** 50, setup }),
      ...told({ opened: 1 }, { tenant: 'umbrella' }),
    ]);
    await write('g2', [
      ...told({ opened: 10, failed: 2 }),
      ...told({ opened: 7 }, { source: 'synthetic', tenant: 'canary' }),
    ]);
    await write('g2', told({ opened: 10, failed: 2 }));
    await write('g1', told({ opened: 5, connectionMs: 2 ** 50 + 1, setup }));
    const all = await read();
    assert.deepEqual(all.real, counts({ opened: 16, failed: 2, connectionMs: 2 ** 50 + 1, setup }));
    assert.deepEqual(all.synthetic, counts({ opened: 7 }));
    assert.deepEqual((await read('acme')).real, counts({ opened: 15, failed: 2, connectionMs: 2 ** 50 + 1, setup }));
    assert.deepEqual((await read('nobody')).real, noCounts());
    const tenants = await registry.sli.byTenant({ fromMs: FROM, toMs: NOW });
    assert.deepEqual([...tenants.keys()].sort(), ['acme', 'umbrella']);
    assert.equal(tenants.get('acme')?.opened, 15);
  });

  it('the same whichever spans it is read from', async () => {
    const sums = new Map<string, number>();
    for (let ago = 4; ago >= 0; ago -= 1) {
      const buckets = told({}, { startMs: NOW - ago * MINUTE }).map((bucket) => {
        const name = `${bucket.span} ${bucket.startMs}`;
        sums.set(name, (sums.get(name) ?? 0) + 1);
        return { ...bucket, counts: counts({ opened: sums.get(name) ?? 0 }) };
      });
      await write('g1', buckets);
    }
    const minutes = await registry.sli.series({ span: 'minute', fromMs: FROM, toMs: NOW });
    assert.equal(minutes.length, Math.ceil(NOW / MINUTE) - Math.floor(FROM / MINUTE));
    assert.equal(minutes.at(-1)?.real.opened, 1);
    for (const back of [5 * MINUTE, 2 * 3_600_000, 3 * 86_400_000, 30 * 86_400_000]) {
      const { real, countedFromMs, countedToMs } = await registry.sli.read({ fromMs: NOW - back, toMs: NOW + 1 });
      assert.equal(real.opened, 5);
      assert.ok(countedFromMs <= NOW - back && countedToMs >= NOW);
    }
    assert.equal((await registry.sli.read({ fromMs: NOW - 3 * MINUTE, toMs: NOW - 2 * MINUTE })).real.opened, 2);
  });

  it('takes nothing whose boots are forgotten, or it would count twice', async () => {
    await write('g1', told({ opened: 1 }, { startMs: NOW - 2 * 86_400_000 }).slice(0, 1));
    assert.equal(await admin.dbsize(), 0);
  });

  it('every key ends by itself, boots long before totals', async () => {
    await write('g1', told({ opened: 1 }));
    await registry.sli.addRehearsal({ id: 'r1' });
    const keys = (await admin.keys('*')).filter((key) => !key.endsWith('rehearsals'));
    assert.equal(keys.length, 6);
    for (const key of keys) {
      const days = (await admin.pttl(key)) / 86_400_000;
      const kept = key.includes(':minute:') ? 4 : key.includes(':hour:') ? 40 : 400;
      const expected = key.endsWith(':boots') ? { 4: 1, 40: 2, 400: 4 }[kept] : kept;
      // From the span's end on; that may be some seconds ago by now.
      assert.ok(expected !== undefined && days > expected - 0.01 && days <= expected + 1, `${key}: ${days} d`);
    }
  });

  it('refuses a time that is too long for its spans, names that are none, and counts that are none', async () => {
    const endless = registry.sli.series({ span: 'minute', fromMs: 0, toMs: NOW });
    await assert.rejects(endless, { code: 'invalid_request' });
    await assert.rejects(write('g/1', told({ opened: 1 })), { code: 'invalid_request' });
    await assert.rejects(write('g1', told({ opened: 1 }, { tenant: 'a/b' })), { code: 'invalid_request' });
    await assert.rejects(write('g1', told({ opened: -1 })), { code: 'internal' });
  });

  it('keeps the last 200 rehearsals of failures, the newest first', async () => {
    for (let i = 1; i <= 205; i += 1) await registry.sli.addRehearsal({ id: `r${i}` });
    const kept = (await registry.sli.rehearsals()) as { id: string }[];
    assert.deepEqual([kept.length, kept[0]?.id, kept.at(-1)?.id], [200, 'r205', 'r6']);
    const large = registry.sli.addRehearsal({ text: 'x'.repeat(5_000) });
    await assert.rejects(large, { code: 'invalid_request' });
  });

  it('writes counts as text that comes back the same', () => {
    const some = counts({ failed: 2, unservedMs: 2 ** 53 - 1 });
    assert.equal(formatCounts(some), `0,2,0,0,0,0,0,0,0,${2 ** 53 - 1}`);
    assert.deepEqual(parseCounts(formatCounts(some)), some);
    assert.equal(formatCounts(noCounts()), '');
    assert.throws(() => parseCounts('1;2'), { code: 'internal' });
  });
});
