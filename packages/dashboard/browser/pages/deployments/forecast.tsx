import type { DeploymentForecast, DeploymentRequest } from '@culvert/contracts';
import { count, counted } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { Stat } from '../../ui/stat.tsx';
import { type Column, Table } from '../../ui/table.tsx';

const NODES: readonly Column<DeploymentForecast['nodes'][number]>[] = [
  { title: 'Node', cell: ({ id }) => id },
  { title: 'Wave', cell: ({ wave }) => count(wave), numeric: true },
  { title: 'Runs', cell: ({ version }) => <code>{version}</code> },
  { title: 'Replaced by', cell: ({ replacement }) => (replacement === '' ? '–' : replacement), minor: true },
  { title: 'Sessions', cell: ({ sessions }) => count(sessions), numeric: true },
  { title: 'Busy', cell: ({ busy }) => count(busy), numeric: true },
  { title: 'Connections', cell: ({ connections }) => count(connections), numeric: true },
];

const SESSIONS: readonly Column<DeploymentForecast['sessions'][number]>[] = [
  { title: 'Session', cell: ({ id, name }) => <a href={`/sessions/${id}`}>{name ?? id}</a> },
  { title: 'Tenant', cell: ({ tenant }) => tenant },
  { title: 'Node', cell: ({ node }) => node },
  { title: 'Connections', cell: ({ connections }) => count(connections), numeric: true },
];

interface ForecastProps {
  readonly forecast: DeploymentForecast;
  readonly request: Pick<DeploymentRequest, 'policy'>;
}

/** What a dry run foresees. */
export function Forecast({ forecast, request }: ForecastProps) {
  const { nodes, sessions, warnings, estimateMs } = forecast;
  const of = (what: 'sessions' | 'busy' | 'connections'): number => nodes.reduce((sum, node) => sum + node[what], 0);
  return (
    <>
      <dl class="stats">
        <Stat label="Nodes">
          {count(nodes.length)} in {counted(Math.max(0, ...nodes.map(({ wave }) => wave)), 'wave')}
        </Stat>
        <Stat label={request.policy === 'move' ? 'Sessions that move' : 'Sessions that leave'}>
          {count(of('sessions'))}
        </Stat>
        <Stat label="Of these busy">
          {count(of('busy'))} with {counted(of('connections'), 'connection')}
        </Stat>
        <Stat label="It takes about" hint="If nothing has to be waited for">
          {duration(estimateMs)}
        </Stat>
      </dl>
      {warnings.length === 0 ? null : (
        <ul class="deployments-warnings">
          {warnings.map((warning) => (
            <li key={warning}>
              <span class="warn">▲ Mind:</span> {warning}
            </li>
          ))}
        </ul>
      )}
      <Table caption="Nodes, by wave" columns={NODES} rows={nodes} keyOf={({ id }) => id} />
      {sessions.length === 0 ? (
        <p class="faint">No session would be touched.</p>
      ) : (
        <details>
          <summary>
            {counted(sessions.length, 'session')} that would be touched
            {of('sessions') > sessions.length ? `, of ${count(of('sessions'))}: the busiest first` : ''}
          </summary>
          <Table caption="Sessions that would be touched" columns={SESSIONS} rows={sessions} keyOf={({ id }) => id} />
        </details>
      )}
    </>
  );
}
