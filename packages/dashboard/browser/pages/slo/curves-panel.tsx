import type { SloSeries, SloSeriesWindow } from '@culvert/contracts';
import { useQuery } from '@tanstack/preact-query';
import { useMemo, useState } from 'preact/hooks';
import { answerOf, api } from '../../api/client.ts';
import { AnnotationList } from '../../charts/annotation-list.tsx';
import { annotationsIn, type ChartAnnotation } from '../../charts/chart-data.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import { countOf } from '../../charts/units.ts';
import { useAnnotations } from '../../charts/use-annotations.ts';
import { Choice } from '../../ui/field.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { attainmentUnit, countedTimes, curvesOf, failuresOf } from './curves.ts';

/** Nodes tell their counts every few seconds; nothing else tells of them. */
const REFETCH_MS = 15_000;
const GROUP = 'slo';
const NO_ANNOTATIONS: readonly ChartAnnotation[] = [];
const connections = countOf('connection');

const WINDOWS = [
  { value: '1h', label: '1 hour' },
  { value: '24h', label: '24 hours' },
  { value: '30d', label: '30 days' },
] as const satisfies readonly { value: SloSeriesWindow; label: string }[];

const STEPS: Readonly<Record<SloSeriesWindow, string>> = { '1h': 'one minute', '24h': '15 minutes', '30d': '6 hours' };

/** How objectives were met over time, with the deployments of that time. `tenant` null: of all together. */
export function CurvesPanel({ tenant }: { readonly tenant: string | null }) {
  const [window, setWindow] = useState<SloSeriesWindow>('1h');
  const { data, error, refetch } = useQuery({
    queryKey: ['slo-series', window, tenant],
    queryFn: () =>
      answerOf(api.GET('/v1/slo/series', { params: { query: tenant === null ? { window } : { window, tenant } } })),
    refetchInterval: REFETCH_MS,
    // Another window of the same: what was drawn stays until it is there.
    placeholderData: (before: SloSeries | undefined) => (before?.tenant === tenant ? before : undefined),
  });
  const choice = <Choice label="Time shown" value={window} options={WINDOWS} onChange={setWindow} />;
  return (
    <Panel title="Over time" actions={choice}>
      {error === null ? null : <ProblemNote error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null ? <Loading what="the curves" /> : null : <Curves series={data} />}
    </Panel>
  );
}

function Curves({ series }: { readonly series: SloSeries }) {
  const annotations = useDeployments(series.window);
  const [lit, setLit] = useState<string | null>(null);
  const curves = useMemo(() => curvesOf(series), [series]);
  const failed = useMemo(() => failuresOf(series, 'failed'), [series]);
  const lost = useMemo(() => failuresOf(series, 'lost'), [series]);
  const window = useMemo(() => countedTimes(series), [series]);
  if (window === undefined) return <p>Nothing was counted in this time.</p>;
  const shared = { at: series.at, annotations, lit, window, group: GROUP, listed: false };
  return (
    <>
      <p class="faint">
        A point stands for {STEPS[series.window]}, the last one for what has passed of it. A gap is time in which
        nothing happened: it is neither good nor bad.
      </p>
      <div class="slo-curves">
        {curves.map(({ name, title, lines, limits, bounds }) => (
          <TimeSeries key={name} {...{ title, limits, bounds }} series={lines} unit={attainmentUnit} {...shared} />
        ))}
        <TimeSeries title="Not opened" unit={connections} series={failed} {...shared} />
        <TimeSeries title="Broke off" unit={connections} series={lost} {...shared} />
      </div>
      <AnnotationList annotations={annotationsIn(annotations, window)} onLit={setLit} />
    </>
  );
}

/** None over 30 days: of those only the last day's are told, and it would look as if there had been no others. */
function useDeployments(window: SloSeriesWindow): readonly ChartAnnotation[] {
  const annotations = useAnnotations(window === '1h' ? '1h' : '24h');
  return window === '30d' ? NO_ANNOTATIONS : annotations;
}
