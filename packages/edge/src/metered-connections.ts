import { CANARY_TENANT } from '@culvert/contracts';
import { type Instruments, instruments, type Telemetry } from '@culvert/telemetry';
import type { ConnectionObserver, ConnectionWish, EdgeObserver, StreamReading } from './observer.ts';
import { StreamReadings } from './stream-readings.ts';

/** Of probes: who makes them measures them. */
const UNMETERED: ConnectionObserver = {
  opened: () => undefined,
  failed: () => undefined,
  detached: () => undefined,
  resumed: () => undefined,
  lost: () => undefined,
  closed: () => undefined,
};

/** Counts what the proxy front does for customers, as metrics of the node that it runs in. */
export function meteredConnections(meter: Telemetry['meter']): EdgeObserver {
  const make = instruments(meter);
  const meters = createMeters(meter, make);
  const refused = make.counter('culvert.connection.refused');
  const attempts = make.counter('culvert.connection.resume.attempts');
  return {
    connecting: (wish) => (wish.tenantId === CANARY_TENANT ? UNMETERED : new MeteredConnection(meters, wish)),
    refused: (code) => refused.add(1, { 'error.type': code }),
    resumeAttempt: (outcome) => attempts.add(1, { outcome }),
  };
}

type Meters = ReturnType<typeof createMeters>;

function createMeters(meter: Telemetry['meter'], make: Instruments) {
  const readings = new StreamReadings();
  observeStreams(meter, make, readings);
  const detached = new Set<ConnectionObserver>();
  make.gauge('culvert.connection.detached').addCallback((result) => result.observe(detached.size));
  return {
    readings,
    detached,
    active: make.upDownCounter('culvert.connection.active'),
    opened: make.counter('culvert.connection.opened'),
    closed: make.counter('culvert.connection.closed'),
    setup: make.histogram('culvert.connection.setup.duration'),
    duration: make.histogram('culvert.connection.duration'),
    resumed: make.counter('culvert.connection.resumed'),
    lost: make.counter('culvert.connection.lost'),
    replayed: make.counter('culvert.connection.replayed'),
    gap: make.histogram('culvert.connection.gap.duration'),
  };
}

/** All of them from one look at the streams. */
function observeStreams(meter: Telemetry['meter'], make: Instruments, readings: StreamReadings): void {
  const io = make.observableCounter('culvert.connection.io');
  const buffered = make.gauge('culvert.stream.buffered');
  const window = make.gauge('culvert.stream.window');
  meter.addBatchObservableCallback(
    (result) => {
      const totals = readings.read();
      result.observe(io, totals.sent, { 'network.io.direction': 'transmit' });
      result.observe(io, totals.received, { 'network.io.direction': 'receive' });
      result.observe(buffered, totals.unacknowledged, { side: 'send' });
      result.observe(buffered, totals.unconsumed, { side: 'receive' });
      result.observe(window, totals.window);
    },
    [io, buffered, window],
  );
}

class MeteredConnection implements ConnectionObserver {
  readonly #meters: Meters;
  readonly #kind: { readonly kind: ConnectionWish['kind'] };
  #stream: StreamReading | undefined;

  constructor(meters: Meters, { kind }: ConnectionWish) {
    this.#meters = meters;
    this.#kind = { kind };
  }

  opened(setupMs: number, stream: StreamReading): void {
    const { active, opened, setup, readings } = this.#meters;
    this.#stream = stream;
    readings.add(stream);
    active.add(1, this.#kind);
    opened.add(1, this.#kind);
    setup.record(setupMs / 1000, this.#kind);
  }

  failed(): void {
    // Counted where it is answered: as refused.
  }

  detached(): void {
    this.#meters.detached.add(this);
  }

  resumed({ gapMs, replayedBytes }: Parameters<ConnectionObserver['resumed']>[0]): void {
    const { detached, resumed, replayed, gap } = this.#meters;
    detached.delete(this);
    resumed.add(1);
    replayed.add(replayedBytes);
    gap.record(gapMs / 1000);
  }

  lost(reason: Parameters<ConnectionObserver['lost']>[0]): void {
    this.#meters.lost.add(1, { reason });
  }

  closed({ reason, closedBy }: Parameters<ConnectionObserver['closed']>[0], durationMs: number): void {
    const { detached, readings, active, closed, duration } = this.#meters;
    detached.delete(this);
    if (this.#stream !== undefined) readings.remove(this.#stream);
    active.add(-1, this.#kind);
    closed.add(1, { ...this.#kind, reason, by: closedBy });
    duration.record(durationMs / 1000, this.#kind);
  }
}
