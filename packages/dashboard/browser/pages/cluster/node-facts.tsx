import type { LiveNode } from '@culvert/contracts';
import type { ComponentChildren } from 'preact';
import { count, rate } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { Badge } from '../../ui/badge.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Panel } from '../../ui/page.tsx';
import { Stat } from '../../ui/stat.tsx';
import { CapacityBar } from './capacity-bar.tsx';

/** What it does now. */
export function NodeFigures({ node }: { readonly node: LiveNode }) {
  const { idle, busy, sessions, capacity, connections, bytesInPerSecond, bytesOutPerSecond } = node;
  return (
    <>
      <dl class="stats">
        {node.role === 'worker' ? (
          <>
            <Stat label="Sessions" hint={`It takes ${count(capacity)} at most`}>
              <a href={`/sessions?node=${encodeURIComponent(node.id)}`}>{count(sessions)}</a>
            </Stat>
            {idle === null ? null : <Stat label="Idle">{count(idle)}</Stat>}
            {busy === null ? null : <Stat label="Busy">{count(busy)}</Stat>}
          </>
        ) : null}
        <Stat label="Connections">{count(connections)}</Stat>
        {bytesInPerSecond === null ? null : <Stat label="From browsers">{rate(bytesInPerSecond)}</Stat>}
        {bytesOutPerSecond === null ? null : <Stat label="To browsers">{rate(bytesOutPerSecond)}</Stat>}
      </dl>
      <CapacityBar node={node} />
    </>
  );
}

/** What it is. */
export function NodeFacts({ node }: { readonly node: LiveNode }) {
  const { health, cordoned, version, role, pool, boot, host, pid, leaseAgeMs, capacity, admissionRate } = node;
  return (
    <Panel title="The process">
      <dl class="card cluster-facts">
        <Fact label="Health">
          <Badge state={health.level} />
        </Fact>
        <Fact label="Role and pool">
          {role}, {pool}
        </Fact>
        <Fact label="Version">{version}</Fact>
        <Fact label="New sessions">{role === 'worker' ? (cordoned ? 'none: it is cordoned' : 'welcome') : null}</Fact>
        <Fact label="Capacity">{capacity === 0 ? null : `${count(capacity)} sessions`}</Fact>
        <Fact label="Lets in">{admissionRate === 0 ? null : `${count(admissionRate)} agents a second`}</Fact>
        <Fact label="Last beat">{duration(leaseAgeMs)} ago</Fact>
        <Fact label="Boot">
          <code title="This life of the node">{boot}</code>
        </Fact>
        <Fact label="Host">{host}</Fact>
        <Fact label="Process id">{pid}</Fact>
        <Address label="Its own proxy" address={node.proxy} />
        <Address label="Links" address={node.link} />
        <Address label="Admin" address={node.admin} />
      </dl>
    </Panel>
  );
}

function Address({ label, address }: { readonly label: string; readonly address: string | null }) {
  return <Fact label={label}>{address === null ? null : <Copy text={address} label={`the address: ${label}`} />}</Fact>;
}

/** Left out where there is nothing to tell. */
function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  if (children === null) return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
