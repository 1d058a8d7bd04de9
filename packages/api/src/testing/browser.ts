import type { Me } from '@culvert/contracts';
import { rootAdminKey } from '@culvert/service';
import { type Answer, secret, type TestApi } from './start-api.ts';

export interface Ask {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another API of the cluster. */
  readonly at?: TestApi;
}

/** Keeps cookies and the CSRF token as a browser with the dashboard does, and does not act on them by itself. */
export class Browser {
  readonly #api: TestApi;
  cookie = '';
  csrf = '';

  constructor(api: TestApi) {
    this.#api = api;
  }

  static async signedIn(api: TestApi, key = rootAdminKey(secret)): Promise<Browser> {
    const browser = new Browser(api);
    const answer = await browser.signIn(key);
    if (answer.status !== 200) throw new Error(`not signed in: ${answer.text}`);
    return browser;
  }

  async signIn(key = rootAdminKey(secret), headers: Readonly<Record<string, string>> = {}): Promise<Answer<Me>> {
    const answer = await this.send<Me>('POST', '/v1/sign-in', { body: { key }, headers });
    this.csrf = answer.body.session?.csrf ?? '';
    return answer;
  }

  /** As the dashboard asks: with its token on what is no GET. */
  ask<T = Record<string, unknown>>(method: string, path: string, { headers, ...more }: Ask = {}): Promise<Answer<T>> {
    const csrf = method === 'GET' ? {} : { 'x-culvert-csrf': this.csrf };
    return this.send(method, path, { ...more, headers: { ...csrf, ...headers } });
  }

  /** With the cookie, and nothing else unless it is given. */
  async send<T = Record<string, unknown>>(
    method: string,
    path: string,
    { body, headers = {}, at = this.#api }: Ask = {},
  ): Promise<Answer<T>> {
    const cookie: Readonly<Record<string, string>> = this.cookie === '' ? {} : { cookie: this.cookie };
    const answer = await at.ask<T>(method, path, { key: '', body, headers: { ...cookie, ...headers } });
    const set = answer.headers.get('set-cookie');
    if (set !== null) this.cookie = set.includes('Max-Age=0') ? '' : (set.split(';', 1)[0] ?? '');
    return answer;
  }
}
