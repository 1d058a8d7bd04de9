import type { Series } from '@culvert/contracts';
import { useMemo, useState } from 'preact/hooks';
import { AnnotationList } from '../../charts/annotation-list.tsx';
import { annotationsIn } from '../../charts/chart-data.ts';
import { shownTimes } from '../../charts/shown-times.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import { countOf, rateUnit } from '../../charts/units.ts';
import { useAnnotations } from '../../charts/use-annotations.ts';
import { useSeries } from '../../charts/use-series.ts';
import { Choice } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';

type Window = Series['window'];

const WINDOWS = [
  { value: '1h', label: '1 hour' },
  { value: '24h', label: '24 hours' },
] as const satisfies readonly { value: Window; label: string }[];

interface HistoryChartsProps {
  /** Of one node; absent: of the cluster. */
  readonly node?: string;
  /** Does it hold sessions? Gateways do not. */
  readonly sessions?: boolean;
}

/** How it went over the last hour or day, with the deployments of that time. */
export function HistoryCharts({ node, sessions = true }: HistoryChartsProps) {
  const [window, setWindow] = useState<Window>('1h');
  const { series, error, retry } = useSeries(window, node ?? null);
  const choice = <Choice label="Time shown" value={window} options={WINDOWS} onChange={setWindow} />;
  return (
    <Panel title="History" actions={choice}>
      {series === undefined && error !== null ? <ProblemNote error={error} retry={retry} /> : null}
      {series === undefined && error === null ? <Loading what="the history" /> : null}
      {series === undefined ? null : <Charts series={series} group={node ?? 'cluster'} sessions={sessions} />}
    </Panel>
  );
}

const sessionUnit = countOf('session');
const connectionUnit = countOf('connection');

interface ChartsProps {
  readonly series: Series;
  readonly group: string;
  readonly sessions: boolean;
}

function Charts({ series, group, sessions }: ChartsProps) {
  const annotations = useAnnotations(series.window);
  const [lit, setLit] = useState<string | null>(null);
  const lines = useMemo(() => linesOf(series), [series]);
  const { at } = series;
  const window = shownTimes(series);
  const shared = { at, annotations, lit, group, listed: false, ...(window === undefined ? {} : { window }) };
  return (
    <>
      <div class="cluster-charts">
        {sessions ? <TimeSeries title="Sessions" unit={sessionUnit} series={lines.sessions} {...shared} /> : null}
        <TimeSeries title="Connections" unit={connectionUnit} series={lines.connections} {...shared} />
        <TimeSeries title="Throughput" unit={rateUnit} series={lines.throughput} {...shared} />
      </div>
      {window === undefined ? null : <AnnotationList annotations={annotationsIn(annotations, window)} onLit={setLit} />}
    </>
  );
}

function linesOf({ values }: Series) {
  return {
    sessions: [
      { label: 'all', values: values.sessions },
      { label: 'busy', values: values.busy },
    ],
    connections: [{ label: 'open', values: values.connections }],
    throughput: [
      { label: 'in', values: values.bytesInPerSecond },
      { label: 'out', values: values.bytesOutPerSecond },
    ],
  };
}
