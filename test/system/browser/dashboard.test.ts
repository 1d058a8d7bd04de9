import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Cluster } from '@culvert/local';
import { type ChromiumPage, openChromium } from '../../support/chromium.ts';
import { CrowdInRegistry } from '../../support/crowd-in-registry.ts';
import { complaintsOf, overflowOf, PAGES, settled, signIn, violationsOf } from '../../support/dashboard.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';

const SESSIONS = 5_000;
const LOOKS = [
  { look: 'light', colorScheme: 'light', width: 1_280 },
  { look: 'dark', colorScheme: 'dark', width: 1_920 },
  { look: 'narrow', colorScheme: 'light', width: 390 },
] as const;

describe(`the dashboard, with ${SESSIONS} sessions in the registry`, { timeout: 300_000 }, () => {
  let test: TestCluster;
  let cluster: Cluster;
  let crowd: CrowdInRegistry;
  let chromium: ChromiumPage;

  before(async () => {
    test = await openCluster({ workers: 2, deployers: 1, demo: true });
    ({ cluster } = test);
    const { url: redisUrl, prefix } = cluster.redis;
    crowd = await CrowdInRegistry.open({ redisUrl, prefix, sessions: SESSIONS });
    chromium = await openChromium();
    await signIn(chromium.page, cluster.api.url, cluster.adminKey);
  });
  after(async () => {
    await chromium?.[Symbol.asyncDispose]();
    await crowd?.[Symbol.asyncDispose]();
    await test?.end();
  });

  for (const { look, colorScheme, width } of LOOKS) {
    describe(look, () => {
      for (const { path, heading } of PAGES) {
        it(`${heading}: is drawn, accessible by axe’s rules, within its window, and nothing complains`, async () => {
          const { page } = chromium;
          const complaints = complaintsOf(page);
          await page.setViewportSize({ width, height: 900 });
          await page.emulateMedia({ colorScheme });
          await page.goto(`${cluster.api.url}${path}`);
          await settled(page, heading);
          assert.deepEqual(await violationsOf(page), []);
          assert.ok((await overflowOf(page)) <= 0, `it is ${await overflowOf(page)} px too wide`);
          assert.deepEqual(complaints, []);
          page.removeAllListeners('console');
          page.removeAllListeners('pageerror');
        });
      }
    });
  }
});
