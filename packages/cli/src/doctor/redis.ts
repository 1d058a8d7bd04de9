import { inspectRedis, type RedisReport } from '@culvert/local';
import { type Finding, failed, ok, skipped, words } from './finding.ts';

/** The registry's commands time out near 1 s; this much on every one of them is felt long before. */
const SLOW_MS = 20;
/** Tickets and leases are judged by different clocks; they live for tens of seconds. */
export const MAX_SKEW_MS = 2_000;

const FORMS: Readonly<Record<RedisReport['form'], string>> = {
  single: '',
  sentinel: ', found through its sentinels',
  cluster: ', in a cluster',
};

/** Redis, looked at directly: the nodes use it, and their API can't say what is wrong with it. */
export async function checkRedis(url: string | undefined): Promise<Finding[]> {
  if (url === undefined)
    return [skipped('Redis', 'its address is not known here; set CULVERT_REDIS_URL to have it checked')];
  try {
    const { version, form, servers, evictionPolicy, latencyMs, clockSkewMs } = await inspectRedis(
      url,
      process.env.CULVERT_REDIS_PREFIX || undefined,
    );
    return [
      ok('Redis', `${version} answers${FORMS[form]}`),
      ...(form === 'single' ? [] : servers.map(checkServer)),
      latencyMs <= SLOW_MS
        ? ok('Redis latency', `${latencyMs.toFixed(2)} ms`)
        : failed(
            'Redis latency',
            `${latencyMs.toFixed(0)} ms`,
            'Put Redis near the nodes, or give it more of its machine.',
          ),
      checkEviction(evictionPolicy),
      checkSkew('clock against Redis', clockSkewMs),
    ];
  } catch (error) {
    return [
      failed(
        'Redis',
        words(error),
        'Start Redis, or correct CULVERT_REDIS_URL. What is established goes on meanwhile.',
      ),
    ];
  }
}

function checkServer({ role, address, detail, trouble }: RedisReport['servers'][number]): Finding {
  const what = `Redis ${role}`;
  if (trouble === undefined) return ok(what, detail === undefined ? address : `${address}, ${detail}`);
  return failed(what, `${address}: ${trouble}`, 'Start it, or correct its address; a failover may need it.');
}

function checkEviction(policy: string | undefined): Finding {
  const what = 'Redis eviction';
  if (policy === undefined)
    return skipped(what, 'this Redis does not tell its maxmemory-policy; it must be noeviction');
  if (policy === 'noeviction') return ok(what, policy);
  return failed(what, `maxmemory-policy is ${policy}: settings could vanish`, 'CONFIG SET maxmemory-policy noeviction');
}

export function checkSkew(what: string, skewMs: number): Finding {
  const detail = `${Math.abs(skewMs) < 1_000 ? 'within 1 s' : `${(skewMs / 1000).toFixed(1)} s ahead of this machine`}`;
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return ok(what, detail);
  return failed(what, detail, 'Let NTP (chrony, systemd-timesyncd) set the clocks of all machines.');
}
