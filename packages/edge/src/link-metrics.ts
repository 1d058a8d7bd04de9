import { instruments, type Telemetry } from '@culvert/telemetry';

/** Who is at the other end of a link. */
export type LinkPeer = 'agent' | 'gateway' | 'proxy' | 'worker';

/** Links to peers of one kind, now. */
export interface LinkReading {
  readonly peer: LinkPeer;
  readonly active: number;
  /** Bytes of frames that wait to leave over them. */
  readonly queuedBytes: number;
}

/** Shows the links of a node; readings of the same kind of peer are added up. */
export function observeLinks(meter: Telemetry['meter'], read: () => readonly LinkReading[]): void {
  const make = instruments(meter);
  const active = make.gauge('culvert.link.active');
  const queued = make.gauge('culvert.link.queued');
  // Shown for ever after, with 0: the last link of a kind that has gone is better told than left out.
  const peers = new Set<LinkPeer>();
  meter.addBatchObservableCallback(
    (result) => {
      const byPeer = Map.groupBy(read(), (reading) => reading.peer);
      for (const peer of byPeer.keys()) peers.add(peer);
      for (const peer of peers) {
        const readings = byPeer.get(peer) ?? [];
        result.observe(active, sum(readings, 'active'), { peer });
        result.observe(queued, sum(readings, 'queuedBytes'), { peer });
      }
    },
    [active, queued],
  );
}

/** Told each round trip over the links to workers that this node dialed, ms: it is the dialing side that measures. */
export function roundTripMeter(meter: Telemetry['meter']): (ms: number) => void {
  const rtt = instruments(meter).histogram('culvert.link.rtt');
  return (ms) => rtt.record(ms / 1000, { peer: 'worker' });
}

function sum(readings: readonly LinkReading[], what: 'active' | 'queuedBytes'): number {
  return readings.reduce((total, reading) => total + reading[what], 0);
}
