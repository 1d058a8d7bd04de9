import type { Deployment, DeploymentNode, StepEvidence } from '@culvert/contracts';
import { clock, duration } from '../../format/times.ts';
import { toneOf } from '../../format/tone.ts';
import { Badge } from '../../ui/badge.tsx';
import { useNow } from '../../ui/now.ts';
import { type Column, Table } from '../../ui/table.tsx';
import { type Stop, trackOf } from './track.ts';
import { plain, stepWords } from './words.ts';

interface TrackProps {
  readonly node: DeploymentNode;
  readonly deployment: Deployment;
}

/** Beside the colour, for those who do not see it. */
const SIGNS: Readonly<Record<Stop['state'], string>> = {
  ...{ ok: '✓', failed: '✕', timeout: '✕', skipped: '↷', forced: '!', running: '◐', waiting: '○' },
};

/** The steps of one node in their order. */
export function Track({ node, deployment }: TrackProps) {
  const stops = trackOf(node, deployment);
  const pausedAt = deployment.state === 'paused' ? Date.parse(deployment.enteredAt) : undefined;
  if (stops.length === 0) return <p class="faint">It was not touched.</p>;
  return (
    <ol class="deployments-track" aria-label={`Steps of ${node.id}`}>
      {stops.map((stop, place) => (
        // A step may come again: its place is what names it.
        <li key={place} class={`deployments-stop ${stop.state}`} title={stop.evidence?.detail ?? stepWords(stop.step)}>
          <span class={stop.state === 'running' ? 'busy' : toneOf(stop.state)}>
            <span aria-hidden="true">{SIGNS[stop.state]}</span> <strong>{plain(stop.step)}</strong>
          </span>
          <small>
            <StopTime stop={stop} pausedAt={pausedAt} />
          </small>
        </li>
      ))}
    </ol>
  );
}

interface StopTimeProps {
  readonly stop: Stop;
  /** Time in a pause counts for no deadline. */
  readonly pausedAt: number | undefined;
}

/** `380 ms`; while it is under way, for how long, and how much longer it may be. */
function StopTime({ stop: { state, evidence, since, deadlineAt }, pausedAt }: StopTimeProps) {
  const now = useNow();
  if (evidence !== null) {
    const outcome = state === 'ok' ? <span class="unseen">done, </span> : `${plain(state)}, `;
    return (
      <>
        {outcome}
        {duration(evidence.tookMs)}
      </>
    );
  }
  if (since === null) return <span class="faint">to come</span>;
  const left = deadlineAt === null ? '' : `, ${duration(Date.parse(deadlineAt) - (pausedAt ?? now))} left`;
  return (
    <>
      for {duration(now - Date.parse(since))}
      {left}
    </>
  );
}

const COLUMNS: readonly Column<StepEvidence>[] = [
  { title: 'Step', cell: ({ step }) => plain(step) },
  { title: 'Outcome', cell: ({ outcome }) => <Badge state={outcome} /> },
  { title: 'At', cell: ({ at }) => <time dateTime={at}>{clock(Date.parse(at))}</time> },
  { title: 'Took', cell: ({ tookMs }) => duration(tookMs), numeric: true },
  { title: 'What was seen', cell: ({ detail }) => detail },
  { title: 'Facts', cell: ({ facts }) => <Facts facts={facts} />, minor: true },
];

function Facts({ facts }: Pick<StepEvidence, 'facts'>) {
  const entries = Object.entries(facts);
  if (entries.length === 0) return <>–</>;
  return (
    <ul class="deployments-facts">
      {entries.map(([name, value]) => (
        <li key={name}>
          <code>{name}</code> {typeof value === 'number' && name.endsWith('Ms') ? duration(value) : String(value)}
        </li>
      ))}
    </ul>
  );
}

/** What each step saw, and how it ended. */
export function EvidenceTable({ node }: { readonly node: DeploymentNode }) {
  return (
    <Table
      caption={`What was seen on ${node.id}`}
      columns={COLUMNS}
      rows={node.evidence}
      keyOf={({ step, at }) => `${step} ${at}`}
    />
  );
}
