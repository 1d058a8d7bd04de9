import { toCulvertError } from '@culvert/base';
import type { Placement } from '@culvert/registry';
import { instruments, type Telemetry } from '@culvert/telemetry';

/** A placement that counts what it grants and what it refuses. */
export function meteredPlacement(
  placement: Pick<Placement, 'place'>,
  meter: Telemetry['meter'],
): Pick<Placement, 'place'> {
  const make = instruments(meter);
  const granted = make.counter('culvert.placement.granted');
  const refused = make.counter('culvert.placement.refused');
  return {
    async place(wish) {
      try {
        const place = await placement.place(wish);
        granted.add(1);
        return place;
      } catch (thrown) {
        refused.add(1, { 'error.type': toCulvertError(thrown).code });
        throw thrown;
      }
    },
  };
}
