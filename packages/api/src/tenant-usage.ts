import type { TenantUsage } from '@culvert/contracts';
import type { Registry, SessionView } from '@culvert/registry';
import { iso } from './views.ts';

const HOUR_MS = 3_600_000;
/** The longest page that the directory gives. */
const PAGE = 500;
/** Sessions looked at one by one; how many there are is known beyond it. */
const MAX_COUNTED = 20_000;

type UsageSource = Pick<Registry, 'sli' | 'listSessions' | 'countSessions'>;

/** Bounded work, however many sessions it has. `nowMs`: since 1970. @throws CulvertError registry_unavailable */
export async function readUsage(registry: UsageSource, tenant: string, nowMs: number): Promise<TenantUsage> {
  const [counts, tally, hour] = await Promise.all([
    registry.countSessions([tenant]),
    tallyOf(registry, tenant),
    registry.sli.read({ fromMs: nowMs - HOUR_MS, toMs: nowMs, tenant }),
  ]);
  const { opened, failed, excused, lost } = hour.real;
  const { nodes, busiest, connections, counted, idle, busy, offline } = tally;
  return {
    tenant,
    at: iso(nowMs),
    // What came between the two looks must not make a part larger than the whole.
    sessions: { total: Math.max(counts.get(tenant) ?? 0, counted), counted, idle, busy, offline },
    connections,
    busiest: busiest === undefined ? null : { session: busiest.id, connections: busiest.connections },
    lastHour: { opened, failed, excused, lost, bytesIn: null, bytesOut: null },
    nodes: [...nodes]
      .map(([node, sessions]) => ({ node, sessions }))
      .sort((a, b) => b.sessions - a.sessions || (a.node < b.node ? -1 : 1)),
  };
}

class Tally {
  counted = 0;
  idle = 0;
  busy = 0;
  offline = 0;
  connections = 0;
  busiest: SessionView | undefined;
  readonly nodes = new Map<string, number>();

  add(session: SessionView): void {
    this.counted += 1;
    this[session.state] += 1;
    this.connections += session.connections;
    if (session.connections > (this.busiest?.connections ?? 0)) this.busiest = session;
    if (session.node !== null) this.nodes.set(session.node, (this.nodes.get(session.node) ?? 0) + 1);
  }
}

async function tallyOf(registry: UsageSource, tenant: string): Promise<Tally> {
  const tally = new Tally();
  let cursor: string | undefined;
  do {
    const page = await registry.listSessions({
      tenant,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const session of page.items) tally.add(session);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && tally.counted < MAX_COUNTED);
  return tally;
}
