import { request } from 'node:http';
import { CulvertError, toErrorCode } from '@culvert/base';

export interface ProxiedAnswer {
  readonly status: number;
  /** The X-Culvert-Error header: set when the answer is Culvert's and not the target's. */
  readonly code: string | undefined;
  readonly body: string;
}

const MAX_BODY_BYTES = 64 * 1024;

/**
 * One GET of an http: URL through an HTTP proxy whose URL holds the credentials. The body is cut off at 64 KiB.
 * Rejects with `node_unreachable` when the proxy does not answer within `deadlineMs`.
 */
export function getThroughProxy(proxy: string, target: string, deadlineMs: number): Promise<ProxiedAnswer> {
  const { hostname, port, username, password } = new URL(proxy);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return new Promise((resolve, reject) => {
    const call = request({
      host: hostname.replace(/^\[|\]$/g, ''),
      port,
      path: target,
      agent: false,
      headers: {
        host: new URL(target).host,
        connection: 'close',
        'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}`,
      },
      signal: AbortSignal.timeout(deadlineMs),
    });
    call.on('error', (cause) => {
      reject(new CulvertError('node_unreachable', `the proxy at ${hostname}:${port}: ${cause.message}`, { cause }));
    });
    call.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        if (body.length < MAX_BODY_BYTES) body += text;
      });
      response.on('error', (cause) => reject(new CulvertError('target_reset', cause.message, { cause })));
      response.on('end', () => {
        const code = response.headers['x-culvert-error'];
        resolve({ status: response.statusCode ?? 0, code: typeof code === 'string' ? code : undefined, body });
      });
    });
    call.end();
  });
}

/** The same, when only success will do. Rejects with the code that the proxy gave. */
export async function expectThroughProxy(proxy: string, target: string, deadlineMs: number): Promise<void> {
  const { status, code } = await getThroughProxy(proxy, target, deadlineMs);
  if (code !== undefined) throw new CulvertError(toErrorCode(code, 'internal'), `${target} answers ${status} ${code}`);
  if (status >= 400) throw new CulvertError('target_unreachable', `${target} answers ${status}`);
}
