import { instruments, type Telemetry } from '@culvert/telemetry';
import type { ConnectionObserver, ConnectionWish, EdgeObserver } from './observer.ts';

/** Counts what the proxy front does, as metrics of the node that it runs in. */
export function meteredConnections(meter: Telemetry['meter']): EdgeObserver {
  const make = instruments(meter);
  const active = make.upDownCounter('culvert.connection.active');
  const opened = make.counter('culvert.connection.opened');
  const closed = make.counter('culvert.connection.closed');
  const refused = make.counter('culvert.connection.refused');
  const setup = make.histogram('culvert.connection.setup.duration');
  const duration = make.histogram('culvert.connection.duration');
  const attempts = make.counter('culvert.connection.resume.attempts');
  const resumed = make.counter('culvert.connection.resumed');
  const lost = make.counter('culvert.connection.lost');
  const replayed = make.counter('culvert.connection.replayed');
  const gap = make.histogram('culvert.connection.gap.duration');

  const connecting = ({ kind }: ConnectionWish): ConnectionObserver => ({
    opened(setupMs) {
      active.add(1, { kind });
      opened.add(1, { kind });
      setup.record(setupMs / 1000, { kind });
    },
    failed: () => undefined,
    detached: () => undefined,
    resumed({ gapMs, replayedBytes }) {
      resumed.add(1);
      replayed.add(replayedBytes);
      gap.record(gapMs / 1000);
    },
    lost: (reason) => lost.add(1, { reason }),
    closed({ reason, closedBy }, durationMs) {
      active.add(-1, { kind });
      closed.add(1, { kind, reason, by: closedBy });
      duration.record(durationMs / 1000, { kind });
    },
  });
  return {
    connecting,
    refused: (code) => refused.add(1, { 'error.type': code }),
    resumeAttempt: (outcome) => attempts.add(1, { outcome }),
  };
}
