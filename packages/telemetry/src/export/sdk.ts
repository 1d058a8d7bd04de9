import { hostname } from 'node:os';
import { CulvertError, type Logger, withDeadline } from '@culvert/base';
import { context, diag, logs, metrics, propagation, ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { defaultResource, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { type IMetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { observeProcess } from '../process-metrics.ts';
import { PrometheusText } from '../prometheus-text.ts';
import { ChosenIds } from '../sampling/chosen-ids.ts';
import { EssentialSampler } from '../sampling/essential-sampler.ts';
import { HeldTraces } from '../sampling/held-traces.ts';
import { KeepingProcessor } from '../sampling/keeping-processor.ts';
import { KeepingTracer } from '../sampling/keeping-tracer.ts';
import { ATTRIBUTE } from '../spans.ts';
import type { BuildInfo, Telemetry } from '../telemetry.ts';
import { NO_TRACES, type Traces } from '../traces.ts';
import type { ExportConfig } from './config.ts';
import { ExportWatch } from './export-watch.ts';
import { metricExporter, spanExporter } from './exporters.ts';
import { LostSpans } from './lost-spans.ts';
import { diagLevel, ownMessages } from './own-messages.ts';

/** A collector that is away must not hold up a stop. */
const CLOSE_DEADLINE_MS = 1_000;

/** The SDK's globals are taken. */
let isRunning = false;

/**
 * OpenTelemetry's SDK, as the configuration says. It registers itself globally: one at a time in a process. Importing this
 * module costs half a second; whoever exports nothing does not.
 */
export async function startSdk(config: ExportConfig, build: BuildInfo, logger: Logger): Promise<Telemetry> {
  if (isRunning) throw new CulvertError('internal', 'this process exports telemetry already');
  isRunning = true;
  const text = new PrometheusText();
  const lost = new LostSpans();
  const watch = new ExportWatch(logger, (spans) => lost.add(spans, 'export_failed'));
  const traced = await tracing(config, watch, lost);
  const readers = await Promise.all(config.metrics.map((to) => periodicReader(config, to, watch)));
  const sdk = makeQuietly({
    ...resourceOf(build),
    ...traced.configuration,
    metricReaders: [text.reader, ...readers],
    logRecordProcessors: [],
    instrumentations: [],
    // Parents are passed on by hand: an asynchronous context would cost every callback of the data path.
    contextManager: null as never,
  });
  diag.setLogger(ownMessages(logger), { logLevel: diagLevel(config.logLevel), suppressOverrideMessage: true });
  sdk.start();
  const meter = metrics.getMeter('culvert', build.version);
  const stopBasics = observeProcess(meter, build);
  lost.countedBy(meter);
  return {
    meter,
    tracer: traced.tracer(trace.getTracer('culvert', build.version)),
    tracing: config.traces.length > 0,
    traces: traced.traces(build.version),
    text: () => text.read(),
    async close() {
      stopBasics();
      await shutDown(sdk, logger);
    },
  };
}

/** For OTEL_LOG_LEVEL the SDK's constructor would have messages written to stdout, among our log lines. */
function makeQuietly(configuration: Partial<NodeSDKConfiguration>): NodeSDK {
  const { OTEL_LOG_LEVEL: level } = process.env;
  delete process.env.OTEL_LOG_LEVEL;
  try {
    return new NodeSDK(configuration);
  } finally {
    if (level !== undefined) process.env.OTEL_LOG_LEVEL = level;
  }
}

interface Tracing {
  readonly configuration: Partial<NodeSDKConfiguration>;
  /** Around the SDK's. */
  readonly tracer: (inner: Tracer) => Tracer;
  readonly traces: (version: string) => Traces;
}

async function tracing(config: ExportConfig, watch: ExportWatch, lost: LostSpans): Promise<Tracing> {
  if (config.traces.length === 0) {
    return { configuration: { spanProcessors: [] }, tracer: (inner) => inner, traces: () => NO_TRACES };
  }
  const ids = new ChosenIds();
  const processors = await Promise.all(
    config.traces.map(async (to) => {
      const exporter = watch.spans(await spanExporter(to));
      const next =
        to === 'console'
          ? new SimpleSpanProcessor({ exporter })
          : new BatchSpanProcessor({ exporter, ...config.batch });
      const held = new HeldTraces({ lost: (spans) => lost.add(spans, 'held_too_long') });
      return { held, processor: new KeepingProcessor({ next, held, slowMs: config.slowMs }) };
    }),
  );
  const base = baseSampler(config.sampler);
  const sampler = new EssentialSampler(base);
  const ended = (span: ReadableSpan): void => {
    for (const { processor } of processors) processor.onEnd(span);
  };
  return {
    configuration: { sampler, idGenerator: ids, spanProcessors: processors.map(({ processor }) => processor) },
    tracer: (inner) => new KeepingTracer({ inner, base, ids, ended }),
    traces: (version) => ({
      startAs: (context, name, options) =>
        ids.with(context, () => trace.getTracer('culvert', version).startSpan(name, { ...options }, ROOT_CONTEXT)),
      keep: (traceId, why) => {
        for (const { processor } of processors) processor.keep(traceId, why);
      },
      forget: (traceId) => {
        for (const { held } of processors) held.forget(traceId);
      },
    }),
  };
}

async function periodicReader(
  { reader }: ExportConfig,
  to: ExportConfig['metrics'][number],
  watch: ExportWatch,
): Promise<IMetricReader> {
  return new PeriodicExportingMetricReader({ exporter: watch.metrics(await metricExporter(to)), ...reader });
}

/** Those of the specification, under their names there. */
export function baseSampler({ name, ratio }: ExportConfig['sampler']): Sampler {
  const root = { on: () => new AlwaysOnSampler(), off: () => new AlwaysOffSampler() };
  switch (name.replace('parentbased_', '')) {
    case 'always_off':
      return wrap(root.off());
    case 'traceidratio':
      return wrap(new TraceIdRatioBasedSampler(ratio));
    default:
      return wrap(root.on());
  }
  function wrap(sampler: Sampler): Sampler {
    return name.startsWith('parentbased_') ? new ParentBasedSampler({ root: sampler }) : sampler;
  }
}

/** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win, and whatever OTEL_NODE_RESOURCE_DETECTORS asks for. */
function resourceOf(build: BuildInfo): Partial<NodeSDKConfiguration> {
  const ours = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: `culvert-${build.role}`,
    [ATTR_SERVICE_VERSION]: build.version,
    'service.instance.id': build.node_id,
    'host.name': hostname(),
    'process.pid': process.pid,
    [ATTRIBUTE.role]: build.role,
    [ATTRIBUTE.nodeId]: build.node_id,
  });
  const isAsked = (process.env.OTEL_NODE_RESOURCE_DETECTORS ?? '') !== '';
  return { resource: defaultResource().merge(ours), ...(isAsked ? {} : { resourceDetectors: [envDetector] }) };
}

async function shutDown(sdk: NodeSDK, logger: Logger): Promise<void> {
  try {
    await withDeadline(CLOSE_DEADLINE_MS, 'sending the last of the telemetry', () => sdk.shutdown());
  } catch (error) {
    logger.warn({ event: 'telemetry.unsent', err: error }, 'the last of the telemetry was not taken');
  } finally {
    for (const api of [trace, metrics, logs, propagation, context, diag]) api.disable();
    isRunning = false;
  }
}
