import { instruments, type Telemetry } from '@culvert/telemetry';
import type { RegistryObserver } from './observer.ts';
import type { NodePresence } from './presence.ts';
import type { Registry } from './registry.ts';
import type { LookUpOutcome } from './route-cache.ts';

/** Counts what a process asks of Redis: for `Registry.connect`. */
export function registryMeter(meter: Telemetry['meter']): RegistryObserver {
  const make = instruments(meter);
  const calls = make.histogram('culvert.registry.call.duration');
  const fenced = make.counter('culvert.registry.fenced');
  return {
    called: (command, ms, outcome) => calls.record(ms / 1000, { command, outcome }),
    fenced: () => fenced.add(1),
  };
}

/** Counts look-ups of routes: for a `RouteCache`. */
export function routeMeter(meter: Telemetry['meter']): (outcome: LookUpOutcome) => void {
  const lookups = instruments(meter).counter('culvert.route.lookups');
  return (outcome) => lookups.add(1, { outcome });
}

/** Shows whether the registry can be asked, and how old the node's lease is, once it has one. */
export function observeRegistry(
  meter: Telemetry['meter'],
  registry: Pick<Registry, 'available'>,
  presence: Pick<NodePresence, 'leaseAgeMs'>,
): void {
  const make = instruments(meter);
  make.gauge('culvert.registry.up').addCallback((result) => result.observe(registry.available ? 1 : 0));
  make.gauge('culvert.registry.lease.age').addCallback((result) => {
    if (presence.leaseAgeMs !== undefined) result.observe(presence.leaseAgeMs / 1000);
  });
}
