import type { SloObjective, SloReport, SloStanding } from '@culvert/contracts';
import { Badge } from '../../ui/badge.tsx';
import { Panel } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { burn, burnTone } from './slo-words.ts';

interface Row {
  readonly objective: SloObjective;
  readonly of: 'real' | 'synthetic';
  readonly standing: SloStanding;
}

/** How fast each budget goes, lately. */
export function BurnRates({ report: { objectives } }: { readonly report: SloReport }) {
  const rows = objectives.flatMap((objective): Row[] =>
    (['real', 'synthetic'] as const).map((of) => ({ objective, of, standing: objective[of] })),
  );
  const known = rows.filter(({ standing }) => standing.burnRates.some(({ rate }) => rate !== null));
  const windows = objectives[0]?.real.burnRates.map(({ window }) => window) ?? [];
  return (
    <Panel title="Burn rates">
      <p class="faint">
        How fast each budget goes: at 1× it lasts exactly as long as its window. An alert wants the rate high over a
        long and a short time.
      </p>
      {known.length === 0 ? (
        <p>Nothing was counted in the last three days.</p>
      ) : (
        <Table
          caption="Burn rates by objective and traffic"
          rows={known}
          keyOf={({ objective, of }) => `${objective.name} ${of}`}
          columns={[
            { title: 'Objective', cell: ({ objective, of }) => `${objective.name.replaceAll('_', ' ')}, ${of}` },
            ...windows.map((window, i) => ({
              title: window,
              numeric: true,
              cell: ({ standing }: Row) => {
                const rate = standing.burnRates[i]?.rate ?? null;
                return <span class={burnTone(rate)}>{burn(rate)}</span>;
              },
            })),
            {
              title: 'Alert',
              cell: ({ standing: { alert } }) =>
                alert === null ? '–' : <Badge state={alert} tone={alert === 'page' ? 'bad' : 'warn'} />,
            },
          ]}
        />
      )}
    </Panel>
  );
}
