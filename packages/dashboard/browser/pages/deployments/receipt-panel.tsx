import type { Receipt, ReceiptSession } from '@culvert/contracts';
import { useEffect, useState } from 'preact/hooks';
import { bytes, count, counted } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { Button } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Stat } from '../../ui/stat.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { useReceipt } from './queries.ts';
import { receiptCsv } from './receipt-csv.ts';
import { chosenSessions, type ReceiptFilter } from './receipt-filter.ts';
import { plain } from './words.ts';

/** What became of every session that it touched; to read, and to take away. */
export function ReceiptPanel({ id }: { readonly id: string }) {
  const { data, error, refetch } = useReceipt(id);
  return (
    <Panel title="Receipt" actions={data === undefined ? null : <Downloads receipt={data} />}>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading what="the receipt" /> : null}
      {data === undefined ? null : <Shown receipt={data} />}
    </Panel>
  );
}

/** JSON as the API gives it, to the byte: it is signed. */
function Downloads({ receipt }: { readonly receipt: Receipt }) {
  const [csv, setCsv] = useState<string | undefined>(undefined);
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([receiptCsv(receipt)], { type: 'text/csv;charset=utf-8' }));
    setCsv(url);
    return () => URL.revokeObjectURL(url);
  }, [receipt]);
  return (
    <>
      <a class="button" href={`/v1/deployments/${receipt.id}/receipt`} download={`receipt-${receipt.id}.json`}>
        Download JSON
      </a>
      <a class="button" href={csv} download={`receipt-${receipt.id}.csv`}>
        Download CSV
      </a>
    </>
  );
}

const GAP = 'How long connections of a session stood still at most';

function Shown({ receipt }: { readonly receipt: Receipt }) {
  const { totals, signature, id, sessions } = receipt;
  const { gapMs } = totals;
  return (
    <>
      <dl class="stats">
        <Stat label="Sessions touched">{count(totals.sessions)}</Stat>
        <Stat label="Moved">{count(totals.movedSessions)}</Stat>
        <Stat label="Closed idle">{count(totals.closedIdle)}</Stat>
        <Stat label="Connections moved">{count(totals.connectionsMoved)}</Stat>
        <Stat label="Connections finished" hint="By themselves, while they were waited for">
          {count(totals.connectionsFinished)}
        </Stat>
        <Stat label="Connections lost">
          <span class={totals.connectionsLost === 0 ? 'good' : 'bad'}>{count(totals.connectionsLost)}</span>
        </Stat>
        <Stat label="Without a path, p50" hint={GAP}>
          {duration(gapMs.p50)}
        </Stat>
        <Stat label="Without a path, p99" hint={GAP}>
          {duration(gapMs.p99)}
        </Stat>
        <Stat label="Without a path, longest" hint={GAP}>
          {duration(gapMs.max)}
        </Stat>
        <Stat label="Sent again">{bytes(totals.bytesReplayed)}</Stat>
      </dl>
      {sessions.length === 0 ? <p class="faint">No session was touched.</p> : <Sessions sessions={sessions} />}
      <details>
        <summary>Signed: {signature.algorithm}</summary>
        <div class="deployments-signature">
          <Copy text={signature.value} label="the signature" />
          <p>
            Over the canonical JSON of all other fields, by a key that the cluster's secret derives. Whoever has the
            secret can check it:
          </p>
          <Copy text={`CULVERT_SECRET=… culvert deploy receipt ${id} --verify`} label="the command that checks it" />
        </div>
      </details>
    </>
  );
}

const COLUMNS: readonly Column<ReceiptSession>[] = [
  { title: 'Session', cell: ({ id, name }) => <a href={`/sessions/${id}`}>{name ?? id}</a> },
  { title: 'Tenant', cell: ({ tenant }) => (tenant === '' ? '–' : tenant), minor: true },
  { title: 'From', cell: ({ from }) => <span class="deployments-id">{from}</span>, minor: true },
  { title: 'To', cell: ({ to }) => <span class="deployments-id">{to ?? '–'}</span>, minor: true },
  { title: 'Outcome', cell: ({ outcome }) => plain(outcome) },
  { title: 'Without a path', cell: ({ gapMs }) => (gapMs === null ? '–' : duration(gapMs)), numeric: true },
  { title: 'Sent again', cell: ({ bytesReplayed }) => bytes(bytesReplayed), numeric: true, minor: true },
  { title: 'Moved', cell: ({ connectionsMoved }) => count(connectionsMoved), numeric: true },
  { title: 'Finished', cell: ({ connectionsFinished }) => count(connectionsFinished), numeric: true, minor: true },
  { title: 'Lost', cell: ({ connectionsLost }) => count(connectionsLost), numeric: true },
];

const OUTCOMES: readonly { readonly value: ReceiptFilter['outcome']; readonly label: string }[] = [
  { value: '', label: 'any' },
  { value: 'moved', label: 'moved' },
  { value: 'closed_idle', label: 'closed idle' },
  { value: 'forced', label: 'forced' },
  { value: 'ended', label: 'ended by themselves' },
  { value: 'lost', label: 'lost connections' },
];

/** Rows at a time: a receipt may tell of ten thousand sessions. */
const SHOWN = 50;

function Sessions({ sessions }: { readonly sessions: readonly ReceiptSession[] }) {
  const [filter, setFilter] = useState<ReceiptFilter>({ text: '', outcome: '' });
  const [shown, setShown] = useState(SHOWN);
  const chosen = chosenSessions(sessions, filter);
  return (
    <>
      <div class="filters">
        <Field
          label="Find"
          type="search"
          value={filter.text}
          onInput={(text) => setFilter({ ...filter, text })}
          placeholder="session, tenant, node"
        />
        <Choice
          label="Outcome"
          value={filter.outcome}
          onChange={(outcome) => setFilter({ ...filter, outcome })}
          options={OUTCOMES}
        />
        <span role="status" class="faint">
          {chosen.length === sessions.length
            ? counted(sessions.length, 'entry', 'entries')
            : `${count(chosen.length)} of ${counted(sessions.length, 'entry', 'entries')}`}
        </span>
      </div>
      {chosen.length === 0 ? (
        <p class="faint">None is like that.</p>
      ) : (
        <Table
          caption="Sessions of the receipt"
          columns={COLUMNS}
          rows={chosen.slice(0, shown)}
          keyOf={({ id, at }) => `${id} ${at}`}
        />
      )}
      {chosen.length > shown ? (
        <div>
          <Button onClick={() => setShown(shown + SHOWN * 4)}>Show more</Button>
        </div>
      ) : null}
    </>
  );
}
