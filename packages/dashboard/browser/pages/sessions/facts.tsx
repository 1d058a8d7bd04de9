import type { LiveSession, Session } from '@culvert/contracts';
import { bytes, counted } from '../../format/quantities.ts';
import { Badge } from '../../ui/badge.tsx';
import { Copy } from '../../ui/copy.tsx';
import { When } from '../../ui/time.tsx';
import { Labels } from './labels.tsx';

interface FactsProps {
  readonly session: Session;
  readonly trouble: LiveSession['trouble'];
}

/** What is known of the session, whatever it does now. */
export function Facts({ session, trouble }: FactsProps) {
  const { id, tenant, node, epoch, labels } = session;
  return (
    <dl class="sessions-facts">
      <dt>State</dt>
      <dd>
        <Badge state={session.state} /> {counted(session.connections, 'connection')}
        {session.state === 'offline' ? <Offline held={node !== null} /> : null}
        {trouble === null ? null : <p class="sessions-trouble">As the registry has it: {trouble}</p>}
      </dd>
      <dt>Id</dt>
      <dd>
        <Copy text={id} label="the id" />
      </dd>
      <dt>Tenant</dt>
      <dd>
        <a href={`/tenants/${encodeURIComponent(tenant)}`}>{tenant}</a>
      </dd>
      <dt>Owner</dt>
      <dd>
        {node === null ? 'none' : <a href={`/nodes/${encodeURIComponent(node)}`}>{node}</a>}{' '}
        <span class="faint">epoch {epoch}</span>
      </dd>
      <dt>Connected</dt>
      <dd>
        <When at={session.connectedAt} />, changed <When at={session.changedAt} />
      </dd>
      <dt>Carried</dt>
      <dd>
        {bytes(session.bytesIn)} from the browsers, {bytes(session.bytesOut)} to them
      </dd>
      <dt>Labels</dt>
      <dd>{Object.keys(labels).length === 0 ? <span class="faint">none</span> : <Labels labels={labels} />}</dd>
    </dl>
  );
}

function Offline({ held }: { readonly held: boolean }) {
  return (
    <p class="faint">
      {held
        ? 'Its agent is away. Its worker keeps the connections for a minute: an agent that comes back goes on with them.'
        : 'Nobody serves it. Its agent connects to another worker by itself; if it does not, look at its log.'}
    </p>
  );
}
