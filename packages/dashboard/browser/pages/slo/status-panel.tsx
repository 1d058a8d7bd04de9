import type { StatusReport } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { answerOf, api } from '../../api/client.ts';
import { counted } from '../../format/quantities.ts';
import { toneOf } from '../../format/tone.ts';
import { Badge } from '../../ui/badge.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { share } from './slo-words.ts';

/** The API remembers it for so long. */
const REFETCH_MS = 10_000;

/** What customers are told now. */
export function StatusPanel() {
  const { data, error, refetch } = useQuery({
    queryKey: ['status'],
    queryFn: () => answerOf(api.GET('/status.json')),
    refetchInterval: REFETCH_MS,
  });
  return (
    <Panel
      title="Status, as customers see it"
      actions={
        <a href="/status" rel="external">
          The public status page
        </a>
      }
    >
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null ? <Loading what="the status" /> : null : <Status status={data} />}
    </Panel>
  );
}

function Status({ status: { state, summary, components, days } }: { readonly status: StatusReport }) {
  return (
    <div class="card slo-status">
      <p>
        <Badge state={state} /> {summary}
      </p>
      <ul class="slo-components">
        {components.map(({ name, state: its, detail }) => (
          <li key={name}>
            <Badge state={its} /> <strong>{name}</strong> <span class="faint">{detail}</span>
          </li>
        ))}
      </ul>
      <Days days={days} />
    </div>
  );
}

function Days({ days }: { readonly days: StatusReport['days'] }) {
  const known = days.filter(({ state }) => state !== 'unknown');
  const bad = known.filter(({ state }) => state !== 'operational');
  return (
    <div>
      <div class="slo-days" aria-hidden="true">
        {days.map(({ day, state, connectionSuccess, sessionAvailability }) => (
          <span
            key={day}
            class={`slo-day ${state === 'unknown' ? 'slo-unknown' : toneOf(state)}`}
            title={`${day}: ${state}; connections ${share(connectionSuccess)}, sessions ${share(sessionAvailability)}`}
          />
        ))}
      </div>
      <p class="faint">
        The last {counted(days.length, 'day')}, today on the right: {counted(known.length, 'day')} counted, of which{' '}
        {bad.length === 0
          ? 'none was degraded.'
          : `${bad.map(({ day, state }) => `${day} (${state})`).join(', ')} not well.`}
      </p>
    </div>
  );
}
