import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { encodingFor } from './pages-encoding.ts';
import { TestApi } from './testing/start-api.ts';

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

describe('the dashboard’s files', () => {
  let api: TestApi;
  let asset: string;
  before(async () => {
    api = await TestApi.start();
    const { body } = await get('/');
    asset = /src="(\/assets\/[^"]+\.js)"/.exec(body.toString())?.[1] ?? '';
  });
  after(() => api[Symbol.asyncDispose]());

  /** As it is on the wire: fetch would decode it. */
  function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Raw> {
    return new Promise((resolve, reject) => {
      const asking = request(`${api.url}${path}`, { headers, timeout: 10_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
        });
      });
      asking.on('timeout', () => asking.destroy(new Error('no answer within 10 s')));
      asking.on('error', reject).end();
    });
  }

  it('may run nothing that is not theirs, be framed by nobody, and ask for nothing elsewhere', async () => {
    for (const path of ['/', '/sessions/s_1', '/tenants', '/status', asset]) {
      const { status, headers } = await get(path);
      assert.equal(status, 200, path);
      const rules = new Map(
        String(headers['content-security-policy'])
          .split('; ')
          .map((rule) => [rule.split(' ', 1)[0], rule.slice(rule.indexOf(' ') + 1)]),
      );
      assert.deepEqual(Object.fromEntries(rules), {
        ...{ 'default-src': "'none'", 'script-src': "'self'", 'style-src': "'self'", 'connect-src': "'self'" },
        ...{ 'img-src': "'self'", 'base-uri': "'none'", 'form-action': "'none'", 'frame-ancestors': "'none'" },
      });
      assert.partialDeepStrictEqual(headers, {
        ...{ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' },
        ...{ 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' },
      });
      assert.match(String(headers['permissions-policy']), /geolocation=\(\)/);
    }
  });

  it('are told to come by HTTPS only, where they did', async () => {
    assert.equal((await get('/')).headers['strict-transport-security'], undefined);
    const { headers } = await get('/', { 'x-forwarded-proto': 'https' });
    assert.equal(headers['strict-transport-security'], 'max-age=31536000');
  });

  it('come short, as the browser can take them', async () => {
    const plain = await get(asset);
    assert.equal(plain.headers['content-encoding'], undefined);
    const br = await get(asset, { 'accept-encoding': 'gzip, deflate, br' });
    assert.equal(br.headers['content-encoding'], 'br');
    const gzip = await get(asset, { 'accept-encoding': 'gzip, br;q=0' });
    assert.equal(gzip.headers['content-encoding'], 'gzip');
    assert.deepEqual([brotliDecompressSync(br.body), gunzipSync(gzip.body)], [plain.body, plain.body]);
    assert.ok(br.body.length < plain.body.length / 2, `${br.body.length}`);
    for (const { headers } of [plain, br, gzip]) assert.equal(headers.vary, 'accept-encoding');
  });

  it('are kept for ever if their name says what is in them; else the browser asks whether they changed', async () => {
    assert.match(String((await get(asset)).headers['cache-control']), /immutable/);
    const page = await get('/sessions');
    assert.equal(page.headers['cache-control'], 'no-cache');
    const again = await get('/sessions', { 'if-none-match': String(page.headers.etag) });
    assert.deepEqual([again.status, again.body.length], [304, 0]);
    assert.equal((await get('/', { 'if-none-match': '"other"' })).status, 200);
  });

  it('are there without a key; the API’s document, too', async () => {
    const { status, headers } = await get('/docs');
    assert.equal(status, 200);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe-inline|upgrade-insecure|https:/);
  });
});

it('of the encodings that are allowed the shortest is taken', () => {
  for (const [accepted, encoding] of [
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['gzip;q=0.5, br;q=0.1', 'br'],
    ['br;q=0, gzip;q=0.000', undefined],
    ['BR', 'br'],
    ['x-gzip, brotli', undefined],
  ] as const) {
    assert.equal(encodingFor(accepted), encoding, String(accepted));
  }
});
