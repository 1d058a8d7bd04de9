import type { Tenant, TenantUsage } from '@culvert/contracts';
import { count, counted, percent } from '../../format/quantities.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Stat } from '../../ui/stat.tsx';
import { Table } from '../../ui/table.tsx';
import { nearness } from './nearness.ts';

interface UsageProps {
  readonly tenant: Tenant;
  readonly usage: TenantUsage | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

/** What it has now, of what it may. */
export function Usage({ tenant, usage, error, retry }: UsageProps) {
  return (
    <Panel title="Limits and usage">
      {error === null ? null : <ProblemNote error={error} retry={retry} />}
      {usage === undefined ? (
        error === null ? (
          <Loading what="its usage" />
        ) : null
      ) : (
        <Shown tenant={tenant} usage={usage} />
      )}
    </Panel>
  );
}

function Shown({ tenant: { id, limits }, usage }: { readonly tenant: Tenant; readonly usage: TenantUsage }) {
  const { sessions, busiest, connections, nodes } = usage;
  return (
    <>
      <div class="tenants-limits">
        <Limit title="Sessions" used={sessions.total} limit={limits.sessions} />
        <Limit
          title="Connections of its busiest session"
          used={busiest?.connections ?? 0}
          limit={limits.connectionsPerSession}
          session={busiest?.session}
        />
      </div>
      {sessions.counted < sessions.total ? (
        <p class="warn">
          What follows is of the first {count(sessions.counted)} of {counted(sessions.total, 'session')}.
        </p>
      ) : null}
      <dl class="stats">
        <Stat label="Idle sessions">{count(sessions.idle)}</Stat>
        <Stat label="Busy sessions">{count(sessions.busy)}</Stat>
        <Stat label="Offline sessions" hint="Their agents are away, and may come back.">
          {count(sessions.offline)}
        </Stat>
        <Stat label="Connections open">{count(connections)}</Stat>
      </dl>
      <LastHour usage={usage} />
      {sessions.total === 0 ? (
        <Empty title="None of its agents is connected." command="CULVERT_KEY=… npx culvert connect --name office">
          <p>An agent needs a key (below), and opens a session when it is started on the customer’s network:</p>
        </Empty>
      ) : nodes.length === 0 ? null : (
        <Table
          caption={`Workers that have sessions of ${id}`}
          rows={nodes}
          keyOf={({ node }) => node}
          columns={[
            { title: 'Worker', cell: ({ node }) => <a href={`/nodes/${encodeURIComponent(node)}`}>{node}</a> },
            { title: 'Sessions', numeric: true, cell: ({ sessions: its }) => count(its) },
          ]}
        />
      )}
    </>
  );
}

interface LimitProps {
  readonly title: string;
  readonly used: number;
  readonly limit: number;
  readonly session?: string | undefined;
}

function Limit({ title, used, limit, session }: LimitProps) {
  const { full, tone, words } = nearness(used, limit);
  return (
    <div class="card">
      <h3>{title}</h3>
      <div class="tenants-bar" aria-hidden="true">
        <div class={tone} style={{ width: `${full * 100}%` }} />
      </div>
      <p>
        {words}
        {session === undefined ? null : (
          <>
            {' '}
            <a href={`/sessions/${encodeURIComponent(session)}`}>{session}</a>
          </>
        )}
      </p>
    </div>
  );
}

function LastHour({ usage: { tenant, lastHour } }: { readonly usage: TenantUsage }) {
  const { opened, failed, excused, lost } = lastHour;
  const asked = opened + failed;
  return (
    <p>
      In the last hour {counted(opened, 'connection')} opened
      {asked === 0 ? '' : ` (${percent(opened / asked)} of those that could)`}, {count(failed)} failed by Culvert’s
      fault, {count(excused)} for another reason, and {count(lost)} broke off.{' '}
      <a href={`/slo?tenant=${encodeURIComponent(tenant)}`}>Its objectives</a>
    </p>
  );
}
