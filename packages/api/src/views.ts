import type { ApiKey, ClusterNode, Session, Tenant } from '@culvert/contracts';
import type { ApiKey as KeyRecord, NodeView, SessionView, Tenant as TenantRecord } from '@culvert/registry';

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function toSession(view: SessionView): Session {
  const { id, name, tenant, state, node, epoch, connections, bytesIn, bytesOut, labels } = view;
  const times = { connectedAt: iso(view.connectedAt), changedAt: iso(view.changedAt) };
  return { id, name, tenant, state, node, epoch, connections, bytesIn, bytesOut, ...times, labels: { ...labels } };
}

export function toNode(view: NodeView): ClusterNode {
  const { proxy = null, link = null, busy: _busy, bytesIn: _in, bytesOut: _out, ...more } = view;
  const { problems: _problems, startedAt: _startedAt, beatAt: _beatAt, ...rest } = more;
  return { ...rest, proxy, link };
}

export function toTenant({ id, name, createdAt, pool, spill, limits }: TenantRecord): Tenant {
  const whenFull = spill.length > 0 ? 'spill' : 'wait';
  return { id, name, createdAt: iso(createdAt), pool, whenFull, spill: [...spill], limits };
}

/** Without the hash: nobody needs it. */
export function toApiKey({ id, tenant, role, label, createdAt, expiresAt, revokedAt }: KeyRecord): ApiKey {
  return {
    id,
    tenant,
    role,
    label,
    createdAt: iso(createdAt),
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    revokedAt: revokedAt === null ? null : iso(revokedAt),
  };
}
