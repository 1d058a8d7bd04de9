import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from '@culvert/local';
import { openChromium } from '../../support/chromium.ts';
import { complaintsOf } from '../../support/dashboard.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';

describe('other pages that people see', () => {
  let test: TestCluster;
  let cluster: Cluster;

  before(async () => {
    test = await openCluster({ workers: 1, demo: true });
    ({ cluster } = test);
  });
  after(() => test.end());

  it('the documentation of the API: lists its calls', async () => {
    await using chromium = await openChromium();
    await chromium.page.goto(`${cluster.api.url}/docs`);
    await chromium.page.getByText('/v1/sessions', { exact: true }).first().waitFor();
  });

  it('the demo app, through the gateway: its examples work', async () => {
    const { proxy, target } = cluster.demo ?? assert.fail('no demo');
    await using chromium = await openChromium({ proxy });
    const { page } = chromium;
    const complaints = complaintsOf(page);
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
