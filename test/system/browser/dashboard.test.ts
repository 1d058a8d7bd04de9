import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from '@culvert/local';
import { type ChromiumPage, openChromium } from '../../support/chromium.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';

describe('the pages that people see', () => {
  let test: TestCluster;
  let cluster: Cluster;

  before(async () => {
    test = await openCluster({ workers: 2, demo: true });
    ({ cluster } = test);
  });
  after(() => test.end());

  it('the dashboard: refuses a wrong key in words, shows nodes and sessions to the right one', async () => {
    await using chromium = await openChromium();
    const { page } = chromium;
    const complaints = complaintsOf(chromium);
    await page.goto(`${cluster.api.url}/`);
    await page.fill('#key', 'ck_wrong_key');
    await page.click('#sign-in button');
    await page.waitForSelector('#trouble:not([hidden])');
    assert.notEqual(await page.textContent('#trouble'), '');
    // The browser itself reports every 401; nothing else may be there.
    assert.deepEqual(
      complaints.splice(0).filter((words) => !words.includes('401')),
      [],
    );

    await page.fill('#key', cluster.adminKey);
    await page.click('#sign-in button');
    await page.waitForSelector('#nodes table');
    assert.equal(await page.isVisible('#sign-in'), false);
    const nodes = await page.textContent('#nodes');
    for (const { id } of [...cluster.apis, ...cluster.workers, ...cluster.gateways]) assert.ok(nodes?.includes(id), id);
    const sessions = await page.textContent('#sessions');
    for (const words of [cluster.demo?.session ?? '-', 'demo']) assert.ok(sessions?.includes(words), words);

    await page.reload();
    await page.waitForSelector('#nodes table'); // still signed in, in this tab
    await page.click('#sign-out');
    await page.waitForSelector('#sign-in');
    assert.equal(await page.isVisible('#nodes'), false);
    assert.deepEqual(complaints, []);
  });

  it('the documentation of the API: lists its calls', async () => {
    await using chromium = await openChromium();
    await chromium.page.goto(`${cluster.api.url}/docs`);
    await chromium.page.getByText('/v1/sessions', { exact: true }).first().waitFor();
  });

  it('the demo app, through the gateway: its examples work', async () => {
    const { proxy, target } = cluster.demo ?? assert.fail('no demo');
    await using chromium = await openChromium({ proxy });
    const { page } = chromium;
    const complaints = complaintsOf(chromium);
    const response = await page.goto(target);
    assert.equal(response?.status(), 200);
    for (const [example, words] of [
      ['xhr', '200 in'],
      ['upload', 'every byte came back'],
      ['ws', '10 messages echoed'],
      ['sse', 'event 1 at'],
    ] as const) {
      await page.click(`#${example}`);
      await page.locator(`#${example}-out`, { hasText: words }).waitFor();
    }
    await page.click('#post');
    await page.getByText('words=hello').waitFor();
    assert.deepEqual(complaints, []);
  });
});

/** What the page's scripts and the browser complain of, as it comes. */
function complaintsOf({ page }: ChromiumPage): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}
