import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser } from '../testing/browser.ts';
import { TestApi } from '../testing/start-api.ts';

interface Operation {
  readonly method: string;
  /** With its parameters filled in. */
  readonly path: string;
}

/** Whom no key is asked of: it is shown here. */
const SIGN_IN = 'POST /v1/sign-in';
/** What a viewer may change: its own sign-in. */
const SIGN_OUT = 'POST /v1/sign-out';
/** Reads whose answers hold credentials. */
const SECRET_READS = [/^\/v1\/sessions\/x\/(?:route|access)$/, /^\/v1\/tenants\/x\/status-page$/];
const isSecret = (path: string): boolean => SECRET_READS.some((pattern) => pattern.test(path));

describe('every route of the API', () => {
  let api: TestApi;
  let all: Operation[];
  before(async () => {
    api = await TestApi.start();
    const { paths } = (await api.ask<{ paths: Record<string, object> }>('GET', '/docs/json')).body;
    all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, 'x') })),
    );
    all = all.filter(({ path }) => path.startsWith('/v1/'));
  });
  after(() => api[Symbol.asyncDispose]());

  const changing = (): Operation[] =>
    all.filter(({ method, path }) => method !== 'GET' && method !== 'HEAD' && `${method} ${path}` !== SIGN_IN);

  it('is in the document, by which this goes', () => {
    assert.ok(all.length > 60, `${all.length}`);
    assert.ok(changing().length > 30);
  });

  it('answers 401 to who shows nothing', async () => {
    for (const { method, path } of all) {
      if (`${method} ${path}` === SIGN_IN) continue;
      const answer = await api.ask(method, path, { key: '' });
      assert.equal(answer.status, 401, `${method} ${path}`);
    }
  });

  it('lets a viewer change nothing', async () => {
    const key = await api.tenant('lookers', 'viewer');
    for (const { method, path } of changing()) {
      if (`${method} ${path}` === SIGN_OUT) continue;
      const { status, body } = await api.ask(method, path, { key });
      assert.deepEqual([status, body.code, typeof body.fix], [403, 'forbidden', 'string'], `${method} ${path}`);
    }
  });

  it('lets a viewer read what an operator may read, save credentials', async () => {
    const [viewer, operator] = [await api.tenant('v', 'viewer'), await api.tenant('o', 'operator')];
    for (const { method, path } of all) {
      if (method !== 'GET') continue;
      const asked = path === '/v1/events' || path === '/v1/live' ? `${path}?format=json` : path;
      const [mine, theirs] = [
        await api.ask('GET', asked, { key: viewer }),
        await api.ask('GET', asked, { key: operator }),
      ];
      const expected = isSecret(path) ? 403 : theirs.status;
      assert.equal(mine.status, expected, `${path}: ${mine.text}`);
      if (!isSecret(path)) assert.notEqual(theirs.status, 403, path);
    }
  });

  it('lets nothing be changed by cookie without the token', async () => {
    const browser = await Browser.signedIn(api);
    for (const { method, path } of changing()) {
      const { status, body } = await browser.send(method, path);
      assert.deepEqual([status, body.code], [403, 'csrf'], `${method} ${path}`);
    }
  });
});
