/** What the test suite runs against starts here; older lines get no security fixes any more. */
const OLDEST = [6, 2] as const;

/**
 * Why this server must not hold the registry, in words; undefined if it may. `info` is the reply to INFO.
 * Managed services often forbid CONFIG, so everything is read from INFO.
 */
export function objectionTo(info: string): string | undefined {
  const fields = parseInfo(info);
  if (fields.get('loading') === '1') return 'it is still loading its data';
  if (fields.get('role') === 'slave') return 'it is a read-only replica; the URL must name the primary';

  const version = fields.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return `its version is ${version}; Culvert needs 6.2 or newer`;
  }

  const policy = fields.get('maxmemory_policy') ?? 'noeviction';
  if (Number(fields.get('maxmemory') ?? 0) > 0 && policy !== 'noeviction') {
    // An evicted lease looks like a dead worker, an evicted tenant like a deleted one.
    return `it may evict data (maxmemory-policy ${policy}); Culvert needs noeviction`;
  }
  return undefined;
}

function parseInfo(info: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}
