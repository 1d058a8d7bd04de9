import type { Logger } from '@culvert/base';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

type Signal = 'traces' | 'metrics';
type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];

/** `ExportResultCode` of @opentelemetry/core. */
const SUCCESS = 0;
const MAX_KINDS = 20;

/**
 * Tells of exports that fail, once per kind of failure until one succeeds again: a collector that is down fails each batch of
 * each process. A failed batch is lost; what the process does for its users goes on.
 */
export class ExportWatch {
  readonly #logger: Logger;
  readonly #lost: (spans: number) => void;
  readonly #failing: Record<Signal, Set<string>> = { traces: new Set(), metrics: new Set() };

  /** `lost`: told of spans that were not taken. */
  constructor(logger: Logger, lost: (spans: number) => void) {
    this.#logger = logger;
    this.#lost = lost;
  }

  spans(exporter: SpanExporter): SpanExporter {
    const send = exporter.export.bind(exporter);
    exporter.export = (spans, done) =>
      send(spans, (result) => {
        if (result.code !== SUCCESS) this.#lost(spans.length);
        done(this.#told('traces', result));
      });
    return exporter;
  }

  metrics(exporter: PushMetricExporter): PushMetricExporter {
    const send = exporter.export.bind(exporter);
    exporter.export = (metrics, done) => send(metrics, (result) => done(this.#told('metrics', result)));
    return exporter;
  }

  /** A failure has been dealt with here: whoever asked for the export would only complain once more. */
  #told(signal: Signal, { code, error }: Result): Result {
    const failing = this.#failing[signal];
    if (code === SUCCESS) {
      if (failing.size > 0) this.#logger.info({ event: 'telemetry.export_resumed', signal }, 'exports succeed again');
      failing.clear();
    } else {
      const kind = kindOf(error);
      if (!failing.has(kind) && failing.size < MAX_KINDS) {
        const fields = { event: 'telemetry.export_failed', signal, kind, err: error };
        this.#logger.warn(fields, `${signal} could not be exported; they are lost until the collector takes them`);
      }
      failing.add(kind);
    }
    return { code: SUCCESS };
  }
}

/** An HTTP or gRPC status, a system error's code, or the error's name. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && (typeof error.code === 'string' || typeof error.code === 'number')) return String(error.code);
  return error.name;
}
