/** A variable that is not as it has to be: what would be right, as the end of a sentence; undefined: it is right. */
type Check = (given: string) => string | undefined;

function oneOf(...words: readonly string[]): Check {
  return (given) => (words.includes(given) ? undefined : `one of ${words.join(', ')}`);
}

function listOf(...words: readonly string[]): Check {
  return (given) =>
    listed(given).every((one) => words.includes(one)) ? undefined : `of ${words.join(', ')}, separated by commas`;
}

function whole(min: number, max: number): Check {
  return (given) => {
    const value = /^\d{1,12}$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? undefined : `a whole number from ${min} to ${max}`;
  };
}

function share(given: string): string | undefined {
  const value = /^\d*\.?\d+$/.test(given) ? Number(given) : Number.NaN;
  return value <= 1 ? undefined : 'a number from 0 to 1';
}

function endpoint(given: string): string | undefined {
  // gRPC takes a bare host:port, too.
  const url = /^[a-z]+:\/\//i.test(given) ? given : `http://${given}`;
  return URL.canParse(url) && /^https?:/i.test(url) ? undefined : 'a URL such as http://127.0.0.1:4318';
}

function pairs(given: string): string | undefined {
  const isRight = listed(given).every((pair) => /^[^=\s]+=.*$/s.test(pair));
  return isRight ? undefined : 'name=value, separated by commas';
}

const MAX_MS = 3_600_000;
const MAX_SPANS = 1_000_000;
const PROTOCOL = oneOf('http/protobuf', 'http/json', 'grpc');
const SAMPLERS = ['always_on', 'always_off', 'traceidratio'];

/** What is exported, and whether anything is. */
export const SWITCHES: Readonly<Record<string, Check>> = {
  OTEL_SDK_DISABLED: (given) => oneOf('true', 'false')(given.toLowerCase()),
  OTEL_TRACES_EXPORTER: listOf('otlp', 'console', 'none'),
  OTEL_METRICS_EXPORTER: listOf('otlp', 'console', 'prometheus', 'none'),
};

/** Of exporting; looked at when there is something to export. */
export const SETTINGS: Readonly<Record<string, Check>> = {
  ...perSignal('ENDPOINT', endpoint),
  ...perSignal('PROTOCOL', PROTOCOL),
  ...perSignal('TIMEOUT', whole(1, MAX_MS)),
  ...perSignal('COMPRESSION', oneOf('none', 'gzip')),
  ...perSignal('HEADERS', pairs),
  OTEL_TRACES_SAMPLER: oneOf(...SAMPLERS, ...SAMPLERS.map((name) => `parentbased_${name}`)),
  OTEL_TRACES_SAMPLER_ARG: share,
  OTEL_BSP_SCHEDULE_DELAY: whole(0, MAX_MS),
  OTEL_BSP_EXPORT_TIMEOUT: whole(1, MAX_MS),
  OTEL_BSP_MAX_QUEUE_SIZE: whole(1, MAX_SPANS),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: whole(1, MAX_SPANS),
  OTEL_METRIC_EXPORT_INTERVAL: whole(1, MAX_MS),
  OTEL_METRIC_EXPORT_TIMEOUT: whole(1, MAX_MS),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_LOG_LEVEL: (given) => oneOf('none', 'error', 'warn', 'info', 'debug', 'verbose', 'all')(given.toLowerCase()),
  CULVERT_TRACE_SLOW_MS: whole(1, MAX_MS),
};

/** Their values may be secret, or hold one. */
export const UNSPEAKABLE = /_(HEADERS|ENDPOINT)$/;

/** The items of a comma-separated list, without blanks. */
export function listed(given: string): string[] {
  const items = given.split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}

function perSignal(what: string, check: Check): Record<string, Check> {
  const names = ['', 'TRACES_', 'METRICS_'].map((signal) => `OTEL_EXPORTER_OTLP_${signal}${what}`);
  return Object.fromEntries(names.map((name) => [name, check]));
}
