import type { ReceiptSession } from '@culvert/contracts';

export interface ReceiptFilter {
  /** Part of an id, a name, a tenant or a node; empty: any. */
  readonly text: string;
  readonly outcome: ReceiptSession['outcome'] | '' | 'lost';
}

/** What was lost above all, then what had the longest gap. `lost`: sessions that lost connections. */
export function chosenSessions(
  sessions: readonly ReceiptSession[],
  { text, outcome }: ReceiptFilter,
): ReceiptSession[] {
  const wanted = text.trim().toLowerCase();
  return sessions
    .filter((one) => outcome === '' || (outcome === 'lost' ? one.connectionsLost > 0 : one.outcome === outcome))
    .filter(({ id, name, tenant, from, to }) =>
      [id, name, tenant, from, to].some((field) => field?.toLowerCase().includes(wanted) ?? wanted === ''),
    )
    .sort((a, b) => b.connectionsLost - a.connectionsLost || (b.gapMs ?? -1) - (a.gapMs ?? -1));
}
