import type { Deployment, DeploymentLogEntry } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { absolute, clock } from '../../format/times.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Panel } from '../../ui/page.tsx';

const SHOWN = 12;

/** What happened in it, the last first. */
export function LogPanel({ deployment: { events, id } }: { readonly deployment: Deployment }) {
  const [isWhole, setWhole] = useState(false);
  const entries = events.toReversed();
  const shown = isWhole ? entries : entries.slice(0, SHOWN);
  const more = entries.length - shown.length;
  return (
    <Panel title="Log" actions={<a href="/events?types=deployment.*">All events of deployments</a>}>
      {entries.length === 0 ? <Empty title="Nothing has happened yet." command={`culvert deploy show ${id}`} /> : null}
      <ol class="deployments-log">
        {shown.map((entry, place) => (
          // Several entries may be the same to the millisecond; counted from the end, a place stays what it was.
          <li key={entries.length - place}>
            <Entry entry={entry} />
          </li>
        ))}
      </ol>
      {more > 0 ? (
        <div>
          <Button onClick={() => setWhole(true)}>Show {more} more</Button>
        </div>
      ) : null}
    </Panel>
  );
}

function Entry({ entry: { at, kind, node, message } }: { readonly entry: DeploymentLogEntry }) {
  const ms = Date.parse(at);
  return (
    <>
      <time class="mono faint" dateTime={at} title={absolute(ms)}>
        {clock(ms)}
      </time>
      <span class={kind === 'warning' ? 'warn' : 'faint'}>
        {kind === 'warning' ? <span aria-hidden="true">▲ </span> : null}
        {kind}
      </span>
      <span>
        {node === null ? null : <strong>{node}: </strong>}
        {message}
      </span>
    </>
  );
}
