import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { About } from '@culvert/contracts';
import { linksOptions } from './about/options.ts';
import { TestApi } from './testing/start-api.ts';

describe('GET /about', () => {
  it('has versions side by side, and every process with its health', async () => {
    await using api = await TestApi.start();
    await api.node('w1', { version: '2.0.0' });
    await api.node('w2', { version: '2.0.0' });
    await api.node('w3', { version: '1.9.0' });
    await api.deadNode('w4');
    const { body } = await api.ask<About>('GET', '/v1/about');
    assert.partialDeepStrictEqual(body, {
      version: '1.2.3',
      runtime: `Node.js ${process.version}`,
      publicUrl: 'http://api.test:1',
      registry: { available: true },
      versions: [
        { version: '2.0.0', processes: 2 },
        { version: '1.9.0', processes: 1 },
      ],
      links: { logs: null, traces: null, dashboards: null },
    });
    assert.deepEqual(body.processes.map(({ id, health }) => [id, health.level]).toSorted(), [
      ['w1', 'ok'],
      ['w2', 'ok'],
      ['w3', 'ok'],
      ['w4', 'bad'],
    ]);
  });

  it('is answered while Redis is away, which it tells', async () => {
    await using api = await TestApi.start();
    api.redis.freeze();
    const { status, body } = await api.ask<About>('GET', '/v1/about');
    api.redis.thaw();
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, { registry: { available: false }, processes: [], versions: [] });
    assert.ok(body.registry.reason);
  });

  it('takes for a link what leads to a page, with ids in known places', () => {
    const { parser } = linksOptions.logsUrl;
    for (const good of ['https://logs.example/', 'http://l:1/{session}?c={connection}&d={deployment}#{trace}']) {
      assert.equal(parser.parse(good), good);
    }
    for (const bad of [
      '',
      'logs.example',
      'javascript:alert(1)',
      'https://l/{tenant}',
      'https://l/{session',
      'ftp://l/',
    ]) {
      assert.equal(parser.parse(bad), undefined, bad);
    }
  });
});
