import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Every page that the navigation leads to. */
export const PAGES = [
  { path: '/', heading: 'Cluster' },
  { path: '/sessions', heading: 'Sessions' },
  { path: '/deployments', heading: 'Deployments' },
  { path: '/events', heading: 'Events' },
  { path: '/slo', heading: 'SLO' },
  { path: '/tenants', heading: 'Tenants' },
  { path: '/probes', heading: 'Probes' },
  { path: '/about', heading: 'About' },
] as const;

/** What is there while a page is loading, and what is not. */
const LOADING = '.loading';

/** Resolves once the first page is there. */
export async function signIn(page: Page, url: string, key: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** Resolves once the page is drawn with its data: it has its heading, and nothing says any more that it is loading. */
export async function settled(page: Page, heading: string): Promise<void> {
  await page.locator('main').getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.locator(LOADING).first().waitFor({ state: 'detached' });
}

/** What the page's scripts and the browser complain of, as it comes. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}

/** What axe finds (WCAG 2 A and AA, and its best practices), each with the elements that it is about. */
export async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).analyze();
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target).join(', ')}`);
}

/** How far the page is wider than its window, px; what is too wide is to scroll by itself. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
