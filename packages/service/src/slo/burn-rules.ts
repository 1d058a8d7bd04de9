import type { Objectives, SloName } from '@culvert/contracts';
import { METRICS } from '@culvert/telemetry';
import { type BurnAlert, burnAlertsOf } from './burn.ts';
import { describeObjective } from './objectives.ts';
import type { AlertingRule, RecordingRule } from './rule.ts';
import { runbookUrl } from './runbooks.ts';
import { bucketUpTo, promTime, seriesOf } from './series.ts';

/** What is counted for an objective, as PromQL over a time such as `5m`. */
interface Counted {
  readonly slo: SloName;
  readonly source: 'real' | 'synthetic';
  bad(time: string): string;
  total(time: string): string;
}

export interface BurnRuleOptions {
  readonly burnAlerts: readonly BurnAlert[];
  readonly forMs: number;
  readonly minBad: number;
}

/** Bad and all in each time, and how fast the budget went; the alerts go by these. */
export function burnRecordings(objectives: Objectives, { burnAlerts }: BurnRuleOptions): RecordingRule[] {
  const times = [...new Set(burnAlerts.flatMap(({ shortMs, longMs }) => [shortMs, longMs]))].map(promTime);
  return countedBy(objectives).flatMap((counted) => times.flatMap((time) => recordings(counted, time, objectives)));
}

export function burnAlertRules(objectives: Objectives, options: BurnRuleOptions): AlertingRule[] {
  const counted = countedBy(objectives);
  const here = counted.flatMap(({ slo, source }) =>
    options.burnAlerts.map((alert) =>
      alertOn(slo, source, conditionOf(slo, source, alert, options), alert, objectives, options),
    ),
  );
  // What Prometheus cannot count from nodes' metrics is taken from the APIs, which tell burn rates over their own times.
  const names: readonly SloName[] = ['session_availability', 'setup'];
  const told = names.filter((name) => !counted.some(({ slo }) => slo === name));
  const asTold = told.flatMap((slo) =>
    burnAlertsOf(objectives).map((alert) =>
      alertOn(slo, 'real', conditionAsTold(slo, alert), alert, objectives, options),
    ),
  );
  return [...here, ...asTold];
}

function countedBy(objectives: Objectives): Counted[] {
  const connections = seriesOf('culvert.tenant.connections');
  const probes = seriesOf('culvert.probe.results');
  const sum = (series: string, matcher: string, time: string): string => `sum(increase(${series}${matcher}[${time}]))`;
  const counted: Counted[] = [
    {
      slo: 'connection_success',
      source: 'real',
      bad: (time) => sum(connections, '{outcome="failed"}', time),
      total: (time) => sum(connections, '{outcome=~"opened|failed"}', time),
    },
    {
      slo: 'lost_connections',
      source: 'real',
      bad: (time) => sum(connections, '{outcome="lost"}', time),
      total: (time) => sum(connections, '{outcome="opened"}', time),
    },
    {
      slo: 'connection_success',
      source: 'synthetic',
      bad: (time) => sum(probes, '{outcome="failed"}', time),
      total: (time) => sum(probes, '', time),
    },
  ];
  const withinS = objectives.setup.withinMs / 1_000;
  if (METRICS['culvert.connection.setup.duration'].buckets.includes(withinS)) {
    const all = seriesOf('culvert.connection.setup.duration', 'count');
    const classes = seriesOf('culvert.connection.setup.duration', 'bucket');
    const total = (time: string): string => sum(all, '', time);
    const bad = (time: string): string => `${total(time)} - ${sum(classes, bucketUpTo(withinS), time)}`;
    counted.push({ slo: 'setup', source: 'real', bad, total });
  }
  return counted;
}

function recordings(counted: Counted, time: string, objectives: Objectives): RecordingRule[] {
  const { slo, source } = counted;
  const labels = { slo, source, window: time };
  const of = (name: string): string => `culvert:slo:${name}${matcher(slo, source, time)}`;
  const allowed = Number((1 - objectives[slo].target).toFixed(9));
  return [
    // A counter that nothing was counted on yet has no series: that is none, not no data.
    { record: 'culvert:slo:bad', expr: `(${counted.bad(time)}) or vector(0)`, labels },
    { record: 'culvert:slo:total', expr: counted.total(time), labels },
    { record: 'culvert:slo:burn_rate', expr: `${of('bad')} / (${of('total')} > 0) / ${allowed}`, labels },
  ];
}

function conditionOf(slo: SloName, source: string, alert: BurnAlert, { minBad }: BurnRuleOptions): string {
  const { longMs, shortMs, rate } = alert;
  const of = (name: string, ms: number): string => `culvert:slo:${name}${matcher(slo, source, promTime(ms))}`;
  const conditions = [
    `${of('burn_rate', longMs)} > ${rate}`,
    `${of('burn_rate', shortMs)} > ${rate}`,
    `${of('bad', longMs)} > ${minBad}`,
  ];
  return conditions.join(' and ignoring(window) ');
}

function conditionAsTold(slo: SloName, { longMs, shortMs, rate }: BurnAlert): string {
  const told = seriesOf('culvert.slo.burn_rate');
  const of = (ms: number): string => `max by (slo, source) (${told}${matcher(slo, 'real', promTime(ms))}) > ${rate}`;
  return `${of(longMs)} and ${of(shortMs)}`;
}

function alertOn(
  slo: SloName,
  source: 'real' | 'synthetic',
  expr: string,
  { severity, longMs }: BurnAlert,
  objectives: Objectives,
  { forMs }: BurnRuleOptions,
): AlertingRule {
  const words = slo.split('_').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const whose = source === 'real' ? '' : 'Probes';
  return {
    alert: `Culvert${whose}${words.join('')}Burn`,
    expr,
    for: promTime(forMs),
    labels: { severity, slo, source, window: promTime(longMs) },
    annotations: {
      summary: `The error budget of ${slo} burns too fast${source === 'real' ? '' : ', as probes see it'}.`,
      description: `Promised: ${describeObjective(slo, objectives)}. Burn rate: {{ $value | printf "%.1f" }}.`,
      runbook_url: runbookUrl('budget-burns'),
    },
  };
}

function matcher(slo: string, source: string, time: string): string {
  return `{slo="${slo}",source="${source}",window="${time}"}`;
}
