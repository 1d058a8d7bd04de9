import { TimeSeries } from '../../charts/time-series.tsx';
import { countOf, rateUnit } from '../../charts/units.ts';
import { useAnnotations } from '../../charts/use-annotations.ts';
import { Panel } from '../../ui/page.tsx';
import { KEPT_MS, type Sample } from './samples.ts';

const GROUP = 'session';
/** What the time axis shows at least, ms. */
const LEAST_MS = 60_000;

/** What the session carried while the page was open, five minutes at most. */
export function ThroughputPanel({ samples }: { readonly samples: readonly Sample[] }) {
  const annotations = useAnnotations('1h');
  const at = samples.map((sample) => sample.at);
  const to = at.at(-1) ?? Date.now();
  const from = Math.max(to - KEPT_MS, Math.min(at[0] ?? to, to - LEAST_MS));
  const shared = { at, annotations, group: GROUP, window: [from, to] as const, height: 140 };
  return (
    <Panel title="Throughput">
      <p class="faint">Since this page was opened, the last five minutes at most.</p>
      <TimeSeries
        {...shared}
        title="Bytes"
        unit={rateUnit}
        listed={false}
        series={[
          { label: 'from the browsers', values: samples.map((sample) => sample.inPerSecond) },
          { label: 'to the browsers', values: samples.map((sample) => sample.outPerSecond) },
        ]}
      />
      <TimeSeries
        {...shared}
        title="Open connections"
        unit={countOf('connection')}
        series={[{ label: 'connections', values: samples.map((sample) => sample.connections) }]}
      />
    </Panel>
  );
}
