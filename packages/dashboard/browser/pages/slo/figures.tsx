import type { SloFigures, SloReport } from '@culvert/contracts';
import { count } from '../../format/quantities.ts';
import { duration } from '../../format/times.ts';
import { Panel } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { classed, NO_DATA, share } from './slo-words.ts';

interface Figure {
  readonly title: string;
  readonly of: (figures: SloFigures) => string;
}

const FIGURES: readonly Figure[] = [
  { title: 'Connections opened', of: ({ availability }) => count(availability.opened) },
  { title: '… not opened, by Culvert’s fault', of: ({ availability }) => count(availability.failed) },
  { title: '… not opened, for another reason (not counted)', of: ({ availability }) => count(availability.excused) },
  { title: 'Set up, half of them within', of: ({ availability }) => classed(availability.setupP50) },
  { title: 'Set up, 99 % of them within', of: ({ availability }) => classed(availability.setupP99) },
  { title: 'Sessions could be used', of: ({ availability }) => share(availability.sessionAvailability) },
  { title: 'Sessions could not be used for', of: ({ availability }) => duration(availability.unservedMs) },
  { title: 'Connections lost', of: ({ reliability }) => count(reliability.lost) },
  { title: '… of 1,000 that opened', of: ({ reliability }) => reliability.lostPer1000?.toFixed(2) ?? NO_DATA },
  {
    title: 'Connections were open for, together',
    of: ({ reliability }) => `${reliability.connectionHours.toFixed(1)} h`,
  },
  { title: '… for each lost one', of: ({ reliability }) => hours(reliability.hoursBetweenLosses) },
  { title: 'Times that one lost its path and went on', of: ({ reliability }) => count(reliability.resumed) },
  { title: '… without a path for, on average', of: ({ reliability }) => gap(reliability.meanGapMs) },
];

/** What the report is made of. */
export function Figures({ report }: { readonly report: SloReport }) {
  return (
    <Panel title="What was counted">
      <Table
        caption="Figures of real and synthetic traffic"
        rows={FIGURES}
        keyOf={({ title }) => title}
        columns={[
          { title: 'Figure', cell: ({ title }) => title },
          { title: 'Real', numeric: true, cell: ({ of }) => of(report.real) },
          { title: 'Synthetic', numeric: true, cell: ({ of }) => of(report.synthetic) },
        ]}
      />
    </Panel>
  );
}

function hours(value: number | null): string {
  return value === null ? 'none was lost' : `${value.toFixed(1)} h`;
}

function gap(ms: number | null): string {
  return ms === null ? 'none lost it' : duration(ms);
}
