import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import type { LogFields, Logger } from '@culvert/base';
import { METRICS } from './catalog.ts';
import { instruments } from './instruments.ts';
import { ATTRIBUTE, SPAN, sessionSpanContext } from './spans.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';
import { Collector } from './testing/collector.ts';

const DEADLINE = { timeout: 20_000 };
const before = new Map(Object.entries(process.env).filter(([name]) => /^(OTEL|CULVERT_TRACE)_/.test(name)));

/** The SDK reads the process's environment, so each case sets it. */
function environment(variables: Record<string, string>): NodeJS.ProcessEnv {
  for (const name of Object.keys(process.env)) if (/^(OTEL|CULVERT_TRACE)_/.test(name)) delete process.env[name];
  Object.assign(process.env, variables);
  return process.env;
}

after(() => {
  environment(Object.fromEntries(before) as Record<string, string>);
});

function recordingLogger() {
  const lines: LogFields[] = [];
  const heard = new Map<string, PromiseWithResolvers<void>>();
  const wait = (event: string): PromiseWithResolvers<void> => {
    const one = heard.get(event) ?? Promise.withResolvers<void>();
    heard.set(event, one);
    return one;
  };
  const take = (fields: LogFields): void => {
    lines.push(fields);
    wait(fields.event ?? '').resolve();
  };
  const logger: Logger = { debug: () => undefined, info: take, warn: take, error: take, child: () => logger };
  return {
    logger,
    of: (event: string) => lines.filter((line) => line.event === event),
    /** Resolves once a line of that event was written. */
    until: (event: string) => wait(event).promise,
  };
}

async function start(variables: Record<string, string>, logger: Logger): Promise<Telemetry> {
  const env = environment({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '1', ...variables });
  return startTelemetry({ role: 'worker', version: '1.2.3', nodeId: 'worker-1', env, logger });
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}

describe('telemetry that is exported', DEADLINE, () => {
  it('sends spans and metrics of this node, and serves /metrics as before', async () => {
    await using collector = new Collector();
    const { logger } = recordingLogger();
    const url = await collector.listen();
    const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, logger);
    assert.equal(telemetry.tracing, true);
    instruments(telemetry.meter).counter('culvert.connection.opened').add(3, { kind: 'connect' });
    telemetry.tracer.startSpan(SPAN.connection).end();
    await collector.until(() => collector.spans.length === 1);
    assert.match(await telemetry.text(), /^culvert_connection_opened_total\{kind="connect"\} 3$/m);
    await telemetry.close();
    assert.ok(collector.asked.includes('/v1/metrics'));
    const [traces] = collector.traces;
    const attributes = traces?.resourceSpans[0]?.resource.attributes ?? [];
    const resource = Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
    assert.equal(resource['service.name'], 'culvert-worker');
    assert.equal(resource['service.version'], '1.2.3');
    assert.equal(resource['service.instance.id'], 'worker-1');
    assert.equal(resource[ATTRIBUTE.nodeId], 'worker-1');
  });

  it('takes the name of the service, and more attributes, from the standard variables', async () => {
    await using collector = new Collector();
    const variables = { OTEL_SERVICE_NAME: 'tunnels', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging' };
    const url = await collector.listen();
    const telemetry = await start({ ...variables, OTEL_EXPORTER_OTLP_ENDPOINT: url }, recordingLogger().logger);
    telemetry.tracer.startSpan(SPAN.connection).end();
    await collector.until(() => collector.spans.length === 1);
    await telemetry.close();
    const text = JSON.stringify(collector.traces[0]?.resourceSpans[0]?.resource.attributes);
    assert.match(text, /"service.name","value":\{"stringValue":"tunnels"\}/);
    assert.match(text, /"deployment.environment.name","value":\{"stringValue":"staging"\}/);
  });

  it('exports of a gauge what is observed now, and not what was', async () => {
    await using collector = new Collector();
    const interval = { OTEL_METRIC_EXPORT_INTERVAL: '20' };
    const endpoint = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${await collector.listen()}/v1/metrics` };
    const telemetry = await start({ ...interval, ...endpoint }, recordingLogger().logger);
    assert.equal(telemetry.tracing, false);
    let role = 'first';
    const gauge = instruments(telemetry.meter).gauge('culvert.build.info');
    gauge.addCallback((result) => result.observe(1, { role }));
    await collector.until(() => collector.metrics.some((body) => body.includes('"first"')));
    role = 'second';
    await collector.until(() => collector.metrics.some((body) => body.includes('"second"')));
    await telemetry.close();
    assert.doesNotMatch(collector.metrics.at(-1) ?? '', /"first"/);
    assert.match(collector.metrics.at(-1) ?? '', /"second"/);
  });

  it('gives a span the ids that it is to have, and the next one others', async () => {
    await using collector = new Collector();
    const url = await collector.listen();
    const telemetry = await start({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces` }, recordingLogger().logger);
    const ids = sessionSpanContext('s_1', 7);
    telemetry.traces.startAs(ids, SPAN.sessionOpen).end();
    telemetry.traces.startAs(sessionSpanContext('s_1', 8), SPAN.sessionOpen).end();
    telemetry.tracer.startSpan(SPAN.sessionOpen).end();
    await collector.until(() => collector.spans.length === 3);
    await telemetry.close();
    assert.equal(collector.spans[0]?.traceId, ids.traceId);
    assert.equal(collector.spans[0]?.spanId, ids.spanId);
    assert.equal(new Set(collector.spans.map(({ traceId }) => traceId)).size, 3);
    assert.equal(collector.spans[0]?.parentSpanId ?? '', '');
    assert.ok(!collector.asked.includes('/v1/metrics'), 'metrics were not asked for');
  });

  it('keeps what is slow by CULVERT_TRACE_SLOW_MS, and lets go of what is forgotten', async () => {
    await using collector = new Collector();
    const sampler = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
    const url = await collector.listen();
    const telemetry = await start(
      { ...sampler, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces`, CULVERT_TRACE_SLOW_MS: '5' },
      recordingLogger().logger,
    );
    for (const setupMs of [5, 6]) {
      telemetry.tracer.startSpan(SPAN.connection, { attributes: { [ATTRIBUTE.setupMs]: setupMs } }).end();
    }
    await collector.until(() => collector.spans.length === 1);
    await telemetry.close();
    assert.equal(collector.spans.length, 1);
    assert.match(JSON.stringify(collector.spans[0]?.attributes), /"culvert.kept","value":\{"stringValue":"slow"\}/);
  });

  it('says once that a collector refuses, counts what is lost, and says when it takes again', async () => {
    const refuse = new Collector((response) => response.writeHead(400).end());
    await using collector = refuse;
    const { logger, of, until } = recordingLogger();
    const url = await collector.listen();
    const telemetry = await start({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces` }, logger);
    for (const asked of [1, 2, 3]) {
      telemetry.tracer.startSpan(SPAN.connection).end();
      await collector.until(() => collector.asked.length === asked);
      await untilLost(telemetry, asked);
    }
    assert.equal(of('telemetry.export_failed').length, 1);
    assert.equal(of('telemetry.export_failed')[0]?.signal, 'traces');
    collector.answer = (response) => void response.setHeader('content-type', 'application/json').end('{}');
    telemetry.tracer.startSpan(SPAN.connection).end();
    await until('telemetry.export_resumed');
    await telemetry.close();
  });

  const troubles: Record<string, () => Promise<{ url: string } & AsyncDisposable>> = {
    'is not there': async () => ({ url: await freeUrl(), [Symbol.asyncDispose]: async () => undefined }),
    'answers 503': () => collectorThat((response) => response.writeHead(503).end()),
    'never answers': () => collectorThat(() => undefined),
  };
  for (const [trouble, make] of Object.entries(troubles)) {
    it(`neither slows nor ends the process, nor its stop, when the collector ${trouble}`, async () => {
      await using collector = await make();
      const { logger, of } = recordingLogger();
      const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_MAX_QUEUE_SIZE: '100' };
      const telemetry = await start(variables, logger);
      // Far more than the queue takes: what is beyond is dropped, and no span waits for another.
      for (let i = 0; i < 5_000; i += 1) telemetry.tracer.startSpan(SPAN.connection).end();
      assert.match(await telemetry.text(), /^culvert_build_info/m);
      assert.ok((await msOf(() => telemetry.close())) < 3_000);
      assert.ok(of('telemetry.unsent').length + of('telemetry.export_failed').length > 0, 'it is said');
    });
  }

  it('can be started again once it was closed', async () => {
    await using collector = new Collector();
    const url = await collector.listen();
    for (const times of [1, 2]) {
      const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, recordingLogger().logger);
      telemetry.tracer.startSpan(SPAN.connection).end();
      await collector.until(() => collector.spans.length === times);
      await telemetry.close();
    }
  });

  it('is refused a second time in one process, and the first goes on', async () => {
    await using collector = new Collector();
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: await collector.listen() };
    const { logger } = recordingLogger();
    const telemetry = await start(variables, logger);
    await assert.rejects(start(variables, logger), /exports telemetry already/);
    telemetry.tracer.startSpan(SPAN.connection).end();
    await collector.until(() => collector.spans.length === 1);
    await telemetry.close();
  });

  it('does nothing at all when OTEL_SDK_DISABLED says so', async () => {
    const { logger } = recordingLogger();
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' };
    const telemetry = await start(variables, logger);
    instruments(telemetry.meter).counter('culvert.connection.opened').add(1);
    assert.equal(telemetry.tracing, false);
    assert.match(await telemetry.text(), /^#.*nothing is measured\.\n$/);
    await telemetry.close();
  });
});

/** The counter is read as somebody would who looks at /metrics; the export that it counts is on its way. */
async function untilLost(telemetry: Telemetry, spans: number): Promise<void> {
  assert.ok('culvert.telemetry.spans.lost' in METRICS);
  const line = `culvert_telemetry_spans_lost_total{reason="export_failed"} ${spans}\n`;
  while (!(await telemetry.text()).includes(line)) await new Promise((resolve) => setImmediate(resolve));
}

async function collectorThat(answer: ConstructorParameters<typeof Collector>[0]) {
  const collector = new Collector(answer);
  const url = await collector.listen();
  return { url, [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose]() };
}

/** Where nobody listens: a port that was free a moment ago. */
async function freeUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}
