import './probes.css';
import type { ProbeReport } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { answerOf, api } from '../../api/client.ts';
import { useRefetchOn } from '../../api/live.ts';
import { counted } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { Badge } from '../../ui/badge.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Loading } from '../../ui/loading.tsx';
import { useNow } from '../../ui/now.ts';
import { Page } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { When } from '../../ui/time.tsx';
import { ProbedNodes } from './nodes.tsx';
import { isStale } from './probe-matrix.ts';
import { Ways } from './ways.tsx';

const KEY = ['probes'];
/** No event tells of a round that found nothing new. */
const REFETCH_MS = 5_000;

export default function ProbesPage() {
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: () => answerOf(api.GET('/v1/probes')),
    refetchInterval: REFETCH_MS,
  });
  useRefetchOn(['probe.'], KEY);
  return (
    <Page title="Probes" actions={<a href="/events?types=probe.*">What probes have told</a>}>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null ? <Loading what="the probes" /> : null : <Report report={data} />}
    </Page>
  );
}

function Report({ report }: { readonly report: ProbeReport }) {
  if (report.at === null) return <NoProbes />;
  return (
    <>
      <Verdict report={report} at={report.at} />
      <Ways ways={report.ways} />
      <ProbedNodes nodes={report.nodes} />
    </>
  );
}

function Verdict({ report, at }: { readonly report: ProbeReport; readonly at: string }) {
  const now = useNow();
  const { nodes, everyMs } = report;
  const down = nodes.filter(({ state }) => state === 'down').length;
  const stale = isStale(report, now);
  return (
    <div class="card probes-verdict">
      <p>
        {down === 0 ? (
          <Badge state="all is well" tone="good" />
        ) : (
          <Badge state={`${counted(down, 'node')} of ${nodes.length} down`} tone="bad" />
        )}{' '}
        Last round <When at={at} />
        {everyMs === null ? null : `, every ${duration(everyMs)}`}.
      </p>
      {stale ? (
        <p class="warn">
          Rounds are missing: what stands here is old. No deploy worker is at work, or Redis is away:{' '}
          <Copy text="npx culvert doctor" label="the command" />
        </p>
      ) : null}
    </div>
  );
}

function NoProbes() {
  return (
    <Empty title="There are no probes." command="npx culvert deployer --probe-every 10s">
      <p>
        Probes send requests of their own through each gateway and worker, so that a failure shows before a customer
        meets it. Deploy workers do it: none is at work, or it was started with <code>--probe-every 0s</code>.
      </p>
    </Empty>
  );
}
