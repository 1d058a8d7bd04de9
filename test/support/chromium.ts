import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findProgram } from './debian-program.ts';

const PROGRAM = {
  names: ['chromium', 'chromium-browser', 'google-chrome', 'chrome'],
  package: 'chromium',
  variable: 'CULVERT_CHROMIUM',
};

/** Nothing of its own over the network: what the proxy sees is what the test does. */
const FLAGS = [
  '--no-sandbox', // tests may run as root, where Chromium has none
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For each page load and each wait; a browser on two busy cores is slow, one that takes longer hangs. */
const STEP_DEADLINE_MS = 20_000;

export interface ChromiumOptions {
  /** A proxy URL, with credentials or without. */
  readonly proxy?: string;
  /** SHA-256 of a certificate's public key, base64: trusted although its CA is unknown. */
  readonly trustedKeys?: readonly string[];
}

/** A browser with one page; closing it removes its profile. */
export interface ChromiumPage extends AsyncDisposable {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
}

/** Starts Debian's Chromium with a fresh profile. Rejects with words that name the fix when there is none. */
export async function openChromium({ proxy, trustedKeys = [] }: ChromiumOptions = {}): Promise<ChromiumPage> {
  const trust = trustedKeys.length > 0 ? [`--ignore-certificate-errors-spki-list=${trustedKeys.join(',')}`] : [];
  const browser = await chromium.launch({
    executablePath: await findProgram(PROGRAM),
    args: [...FLAGS, ...trust],
    ...(proxy === undefined ? {} : { proxy: proxyOf(proxy) }),
  });
  const context = await browser.newContext({ acceptDownloads: true });
  context.setDefaultTimeout(STEP_DEADLINE_MS);
  const page = await context.newPage();
  return { browser, context, page, [Symbol.asyncDispose]: () => browser.close() };
}

function proxyOf(url: string): { server: string; username?: string; password?: string } {
  const { protocol, host, username, password } = new URL(url);
  const server = `${protocol}//${host}`;
  if (username === '') return { server };
  return { server, username: decodeURIComponent(username), password: decodeURIComponent(password) };
}
