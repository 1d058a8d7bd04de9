/** The prefix makes browsers refuse it from anybody but this very host (RFC 6265bis, section 4.1.3.2); it needs HTTPS. */
const SECURE_NAME = '__Host-culvert';
const PLAIN_NAME = 'culvert';

/** The value of the dashboard's cookie in a Cookie header (RFC 6265, section 4.2.1); undefined: there is none. */
export function readCookie(header: string | undefined, secure: boolean): string | undefined {
  const wanted = `${secure ? SECURE_NAME : PLAIN_NAME}=`;
  for (const pair of (header ?? '').split(';')) {
    const text = pair.trim();
    if (text.startsWith(wanted)) return text.slice(wanted.length);
  }
  return undefined;
}

/** A Set-Cookie header. `maxAgeMs`: how long the browser keeps it; 0: it forgets it at once. */
export function writeCookie(value: string, maxAgeMs: number, secure: boolean): string {
  const age = Math.max(0, Math.ceil(maxAgeMs / 1_000));
  const pair = `${secure ? SECURE_NAME : PLAIN_NAME}=${value}`;
  return `${pair}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}
