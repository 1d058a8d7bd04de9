import { CANARY_TENANT } from '@culvert/contracts';
import type { Instruments } from '@culvert/telemetry';
import type { SessionWatcher } from './sessions.ts';

/** Counts customers' sessions that come to this worker, that leave it, and that it does not take. `selfId`: this worker. */
export function meteredSessions(make: Instruments, selfId: string): SessionWatcher {
  const opened = make.counter('culvert.session.opened');
  const closed = make.counter('culvert.session.closed');
  const refused = make.counter('culvert.session.refused');
  return {
    entered({ ticket }, { previous }) {
      if (ticket.tenantId === CANARY_TENANT) return;
      const how = previous === undefined ? 'new' : previous.node === selfId ? 'returned' : 'moved';
      opened.add(1, { how });
    },
    refused({ tenantId }, code) {
      if (tenantId !== CANARY_TENANT) refused.add(1, { 'error.type': code });
    },
    left: () => undefined,
    closed({ ticket }, { code }, replaced) {
      // Over a newer link it goes on here: it was counted as returned.
      if (!replaced && ticket.tenantId !== CANARY_TENANT) closed.add(1, { reason: code });
    },
    connectionEnded: () => undefined,
    connectionDetached: () => undefined,
  };
}
