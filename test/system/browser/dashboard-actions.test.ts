import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Receipt, Session } from '@culvert/contracts';
import { type Cluster, createKey } from '@culvert/local';
import type { Locator, Page } from 'playwright-core';
import { serveWith } from '../../support/agent-process.ts';
import { type ChromiumPage, openChromium } from '../../support/chromium.ts';
import { complaintsOf, settled, signIn } from '../../support/dashboard.ts';
import { startHelloApp } from '../../support/hello-app.ts';
import { TunnelClient } from '../../support/tunnel-client.ts';
import { openCluster, type TestCluster } from '../../support/with-cluster.ts';

const DEPLOYED_WITHIN_MS = 90_000;

describe('what people do on the dashboard', { timeout: 300_000 }, () => {
  let test: TestCluster;
  let cluster: Cluster;
  let chromium: ChromiumPage;
  let page: Page;
  let complaints: string[];

  before(async () => {
    test = await openCluster({ workers: 2, deployers: 1, demo: true });
    ({ cluster } = test);
  });
  after(() => test?.end());
  beforeEach(async () => {
    chromium = await openChromium();
    ({ page } = chromium);
    complaints = complaintsOf(page);
  });
  afterEach(() => chromium[Symbol.asyncDispose]());

  const enter = async (key = cluster.adminKey): Promise<void> => {
    await signIn(page, cluster.api.url, key);
    complaints.splice(0); // the browser itself reports the 401 by which the page learnt that nobody had signed in
  };
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const dialog = (): Locator => page.getByRole('dialog');
  const says = (words: string): Promise<void> => page.getByRole('status').filter({ hasText: words }).waitFor();

  it('signing in: a wrong key is refused in words; the cookie is no script’s; out in one tab is out in all', async () => {
    await page.goto(`${cluster.api.url}/events`);
    await page.getByLabel('API key').fill('ck_wrong_keykeykeykeykeykeykey');
    await button('Sign in').click();
    await page.getByRole('alert').filter({ hasText: 'unauthenticated' }).waitFor();
    await page.getByLabel('API key').fill(cluster.adminKey);
    await button('Sign in').click();
    await settled(page, 'Events'); // where it was to go
    assert.equal(await page.evaluate('document.cookie'), '');
    const other = await page.context().newPage();
    await other.goto(cluster.api.url);
    await settled(other, 'Cluster');
    await other.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    await page.reload();
    await page.getByLabel('API key').waitFor();
    assert.deepEqual(
      complaints.filter((words) => !words.includes('401')), // the browser itself reports those
      [],
    );
  });

  it('a worker is cordoned and uncordoned, by keyboard alone, and its tile follows', async () => {
    await enter();
    const tile = page.locator('.cluster-tile', { hasText: 'worker-2' });
    await tile.waitFor();
    await button('Cordon worker-2').focus();
    await page.keyboard.press('Enter');
    await dialog().getByText('It takes no new sessions from now on.').waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    assert.equal(await page.evaluate('document.activeElement.getAttribute("aria-label")'), 'Cordon worker-2');
    await page.keyboard.press('Enter');
    await dialog().getByRole('button', { name: 'Cordon', exact: true }).focus();
    await page.keyboard.press('Enter');
    await says('worker-2 takes no new sessions.');
    await tile.getByText('cordoned').first().waitFor();
    await button('Uncordon worker-2').click();
    await dialog().getByRole('button', { name: 'Uncordon', exact: true }).click();
    await tile.getByText('ready').first().waitFor();
    assert.deepEqual(complaints, []);
  });

  it('a drain is previewed in figures: who is idle, who is busy, who will be waited for', async () => {
    const [owner] = await sessionsOf(cluster);
    const worker = cluster.workers.find(({ id }) => id === owner?.node) ?? assert.fail('no owner');
    const { proxy } = cluster.demo ?? assert.fail('no demo');
    const direct = new URL(proxy);
    direct.host = new URL(worker.address('proxy')).host;
    const host = new URL(cluster.demo?.target ?? '').host;
    const held = await TunnelClient.open(direct.href, host);
    try {
      await enter();
      await button(`Drain ${worker.id}`).click();
      await dialog()
        .getByText(/0 idle, 1 busy.*1 on (a )?direct address/)
        .waitFor();
      await dialog().getByRole('button', { name: 'Cancel' }).click();
    } finally {
      held.close();
    }
    assert.deepEqual(complaints, []);
  });

  it('a session’s page shows its connections live; closing a busy one asks for its name', async () => {
    await using app = await startHelloApp('hello');
    const { key } = await createKey(cluster.api, 'demo', 'agent', 'of a browser test');
    const agent = await serveWith(cluster, { key, name: 'to-close', allow: ['127.0.0.1'] });
    test.expectExit(agent.process.id); // it ends when it is told that it was closed
    await enter();
    await page.getByRole('link', { name: 'Sessions' }).click();
    await settled(page, 'Sessions');
    await page.getByLabel('Search').fill('to-close');
    await page.getByRole('link', { name: 'to-close' }).click();
    await settled(page, 'to-close');
    await page.getByText('No connection is open.').waitFor();
    const tunnel = await TunnelClient.open(agent.proxy, `127.0.0.1:${app.port}`);
    await page.getByRole('rowheader', { name: `127.0.0.1:${app.port}` }).waitFor();
    await button('Close session').click();
    const closing = dialog().getByRole('button', { name: 'Close by force' });
    assert.equal(await closing.isDisabled(), true);
    await dialog()
      .getByLabel(/to-close/)
      .fill('to-close');
    await closing.click();
    await tunnel.closed;
    await page
      .getByText(/closed/)
      .first()
      .waitFor();
  });

  it('a deployment: started after its dry run, followed live, its receipt downloaded', async () => {
    await enter();
    await page.getByRole('link', { name: 'Deployments' }).click();
    await button('Start a deployment').click();
    await dialog().getByLabel('Version').fill('2.0.0');
    await dialog().getByRole('button', { name: 'Dry run' }).click();
    await dialog().getByRole('heading', { name: 'What would happen' }).waitFor();
    await dialog().getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: /^2\.0\.0 for 2 workers/ }).waitFor();
    // Another page, which nobody touches, tells of it meanwhile.
    const watcher = await page.context().newPage();
    await watcher.goto(cluster.api.url);
    await watcher
      .locator('.cluster-tile', { hasText: 'version 2.0.0' })
      .first()
      .waitFor({ timeout: DEPLOYED_WITHIN_MS });
    const timeout = DEPLOYED_WITHIN_MS;
    await page.locator('main .badge', { hasText: 'succeeded' }).first().waitFor({ timeout });
    await page.getByRole('heading', { name: 'Receipt' }).waitFor();
    const json = await downloaded(page, 'Download JSON');
    const receipt: Receipt = JSON.parse(json);
    assert.deepEqual([receipt.version, receipt.state, receipt.totals.connectionsLost], ['2.0.0', 'succeeded', 0]);
    const csv = await downloaded(page, 'Download CSV');
    assert.equal(csv.trim().split('\r\n').length, receipt.sessions.length + 1);
    await watcher.getByText('version 2.0.0').nth(1).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('a tenant: created, limited, given a key that is shown once, and deleted', async () => {
    await enter();
    await page.getByRole('link', { name: 'Tenants' }).click();
    await settled(page, 'Tenants');
    await button('Create a tenant').click();
    await dialog().getByLabel(/^Id/).fill('browser-made');
    await dialog()
      .getByRole('button', { name: /Create/ })
      .click();
    await page.getByRole('heading', { level: 1, name: /browser-made/ }).waitFor();
    await button('Create a key').click();
    await dialog()
      .getByRole('button', { name: /Create/ })
      .click();
    const key = await dialog().locator('code', { hasText: /^ck_/ }).first().textContent();
    assert.match(key ?? '', /^ck_[0-9a-z]+_[0-9a-z]+$/);
    await page.keyboard.press('Escape');
    await button('Delete').click();
    await dialog()
      .getByLabel(/browser-made/)
      .fill('browser-made');
    await dialog()
      .getByRole('button', { name: /Delete/ })
      .click();
    await settled(page, 'Tenants');
    await page.getByRole('link', { name: 'browser-made' }).waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  it('a viewer sees all of it, and no button that would be refused', async () => {
    const { key } = await createKey(cluster.api, 'demo', 'viewer', 'of a browser test');
    await enter(key);
    const [demo] = (await sessionsOf(cluster)).filter(({ name }) => name === 'demo');
    const pages = [
      ['/', 'Cluster'],
      ['/nodes/api-1', 'api-1'],
      ['/deployments', 'Deployments'],
      ['/tenants', 'Tenants'],
      ['/tenants/demo', 'demo'],
      [`/sessions/${demo?.id}`, 'demo'],
    ] as const;
    for (const [path, heading] of pages) {
      await page.goto(`${cluster.api.url}${path}`);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await page.locator('.loading').first().waitFor({ state: 'detached' });
      const buttons = await page.locator('main').getByRole('button').allTextContents();
      const harmless = /^(?:Copy|Try again|Show .*more.*|As a table|Refresh|.*refresh)$/;
      assert.deepEqual(
        buttons.filter((text) => !harmless.test(text.trim())),
        [],
        path,
      );
    }
    assert.deepEqual(complaints, []);
  });
});

async function sessionsOf({ api }: Cluster): Promise<Session[]> {
  const { items } = await api.call<{ items: Session[] }>('GET', '/sessions');
  return items;
}

async function downloaded(page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText(name, { exact: true }).click()]);
  return readFile(await download.path(), 'utf8');
}
