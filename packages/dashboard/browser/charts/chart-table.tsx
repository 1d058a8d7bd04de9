import { useState } from 'preact/hooks';
import { absolute } from '../format/times.ts';
import { type Column, Table } from '../ui/table.tsx';
import type { ChartSeries } from './chart-data.ts';
import { moment } from './moments.ts';
import { type ChartRow, rowsOf } from './summary.ts';
import type { Unit } from './units.ts';

interface ChartTableProps {
  readonly title: string;
  readonly at: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly unit: Unit;
}

/** The picture for those who want figures: made only while it is open. */
export function ChartTable({ title, at, series, unit }: ChartTableProps) {
  const [open, setOpen] = useState(false);
  const columns: Column<ChartRow>[] = [
    { title: 'Time', cell: (row) => <time title={absolute(row.at)}>{moment(row.at, at)}</time> },
    ...series.map(({ label }, index) => ({
      title: label,
      numeric: true,
      cell: (row: ChartRow) => textOf(row.values[index], unit),
    })),
  ];
  return (
    <details class="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        As a table<span class="unseen">: {title}</span>
      </summary>
      {open ? (
        <Table caption={title} columns={columns} rows={rowsOf(at, series)} keyOf={(row) => String(row.at)} />
      ) : null}
    </details>
  );
}

/** A value, or that there is none. */
export function textOf(value: number | null | undefined, unit: Unit): string {
  return value === null || value === undefined ? '–' : unit.text(value);
}
