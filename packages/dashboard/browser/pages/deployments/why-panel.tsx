import type { DeploymentReason, DeploymentWhy } from '@culvert/contracts';
import { count, counted, rate } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { plain } from './words.ts';

type Holder = DeploymentReason['holders'][number];

const HOLDERS: readonly Column<Holder>[] = [
  { title: 'Session', cell: ({ session, name }) => <a href={`/sessions/${session}`}>{name ?? session}</a> },
  { title: 'Tenant', cell: ({ tenant }) => tenant, minor: true },
  { title: 'Target', cell: ({ target }) => target ?? '–' },
  {
    title: 'Connection',
    cell: ({ connection }) => (connection === null ? '–' : <code>{connection}</code>),
    minor: true,
  },
  { title: 'Age', cell: ({ ageMs }) => duration(ageMs), numeric: true },
  {
    title: 'Last byte',
    cell: ({ lastByteAgoMs: ms }) => (ms === null ? '–' : `${duration(ms)} ago`),
    numeric: true,
  },
  {
    title: 'Rate',
    cell: ({ bytesPerSecond }) => (bytesPerSecond === null ? '–' : rate(bytesPerSecond)),
    numeric: true,
  },
];

/** With many nodes most of them wait for their turn. */
const SHOWN = 4;

interface WhyPanelProps {
  readonly why: DeploymentWhy | undefined;
  readonly error: Error | null;
}

/** The conditions that are not met, who holds them, and what would end the wait. */
export function WhyPanel({ why, error }: WhyPanelProps) {
  // What somebody holds comes before what ends by itself in a moment.
  const reasons = (why?.reasons ?? []).toSorted((a, b) => Number(b.held > 0) - Number(a.held > 0));
  return (
    <Panel title="Why not now?">
      {error === null ? null : <ProblemNote error={error} />}
      {why === undefined && error === null ? <Loading what="what it waits for" /> : null}
      {why === undefined ? null : (
        <>
          <p>
            <strong>{why.summary}</strong>
          </p>
          <Reasons reasons={reasons.slice(0, SHOWN)} />
          {reasons.length > SHOWN ? (
            <details>
              <summary>and {counted(reasons.length - SHOWN, 'more condition')}</summary>
              <Reasons reasons={reasons.slice(SHOWN)} />
            </details>
          ) : null}
        </>
      )}
    </Panel>
  );
}

function Reasons({ reasons }: { readonly reasons: readonly DeploymentReason[] }) {
  return (
    <ul class="deployments-rows">
      {reasons.map((reason) => (
        <li key={`${reason.node} ${reason.step} ${reason.code}`} class="card">
          <Reason reason={reason} />
        </li>
      ))}
    </ul>
  );
}

function Reason({ reason }: { readonly reason: DeploymentReason }) {
  const { node, step, code, condition, endsWhen, holders, held } = reason;
  const where = [node, step === null ? null : plain(step)].filter((part) => part !== null).join(', ');
  return (
    <>
      <p>
        {where === '' ? null : <strong>{where}: </strong>}
        {condition} <code class="faint">{code}</code>
      </p>
      <p class="faint">Ends when: {endsWhen}</p>
      {holders.length === 0 ? null : (
        <>
          <Table
            caption={`Who holds it: ${condition}`}
            columns={HOLDERS}
            rows={holders}
            keyOf={({ session, connection }) => `${session} ${connection}`}
          />
          {held > holders.length ? (
            <p class="faint">
              and {count(held - holders.length)} more, of {counted(held, 'holder')} in all
            </p>
          ) : null}
        </>
      )}
    </>
  );
}
