import type { Logger } from '@culvert/base';
import { toCulvertError } from '@culvert/base';
import type { SloReport } from '@culvert/contracts';
import { instruments, type Telemetry } from '@culvert/telemetry';
import type { SloReader } from './slo-reader.ts';

/** Tells objectives, attainment, budgets and burn rates with each scrape, from a report that is remembered for a moment. */
export function observeSlo({ meter }: Pick<Telemetry, 'meter'>, reader: SloReader, logger: Logger): () => void {
  const make = instruments(meter);
  const objective = make.gauge('culvert.slo.objective');
  const attainment = make.gauge('culvert.slo.attainment');
  const remaining = make.gauge('culvert.slo.budget.remaining');
  const burnRate = make.gauge('culvert.slo.burn_rate');
  const all = [objective, attainment, remaining, burnRate];
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = async (result) => {
    const report = await reportOr(reader, logger);
    for (const { name: slo, target, ...standings } of report?.objectives ?? []) {
      result.observe(objective, target, { slo });
      for (const source of ['real', 'synthetic'] as const) {
        const { attainment: reached, budget, burnRates } = standings[source];
        if (reached !== null) result.observe(attainment, reached, { slo, source });
        if (budget.remaining !== null) result.observe(remaining, budget.remaining, { slo, source });
        for (const { window, rate } of burnRates) {
          if (rate !== null) result.observe(burnRate, rate, { slo, source, window });
        }
      }
    }
  };
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}

/** Without Redis there is nothing to tell; the other metrics are told all the same. */
async function reportOr(reader: SloReader, logger: Logger): Promise<SloReport | undefined> {
  try {
    return await reader.report();
  } catch (error) {
    const { code } = toCulvertError(error);
    const level = code === 'registry_unavailable' || code === 'shutting_down' ? 'debug' : 'error';
    logger[level]({ event: 'slo.unread', err: error }, 'the service-level counts could not be read');
    return undefined;
  }
}
