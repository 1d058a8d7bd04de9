import type { SloDeployment, SloFigures, SloObjective, SloReport, SloStanding } from '@culvert/contracts';
import { colors } from '../colors.ts';
import { ago, orDash, table } from '../output.ts';
import { budgetBar, duration, perCent, rate } from './numbers.ts';

const TENANTS_SHOWN = 10;
const DEPLOYMENTS_SHOWN = 10;

/** The report for people: what was promised, what was reached, and what it cost. */
export function tellReport(report: SloReport): string {
  const { window, countedFrom, to, tenant } = report;
  const span = window === null ? `${minute(countedFrom)} to ${minute(to)}` : `the last ${window}`;
  const heading = `${tenant === null ? 'All tenants' : `Tenant ${tenant}`}, ${span} (counted from ${minute(countedFrom)} UTC)\n`;
  return [
    heading,
    objectives(report, 'availability', 'AVAILABILITY: can it be used?'),
    availability(report),
    objectives(report, 'reliability', 'RELIABILITY: does it go on without failing?'),
    reliability(report),
    burning(report),
    deployments(report),
    tenants(report),
    recovery(report),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

interface StandingRow {
  readonly objective: SloObjective;
  readonly source: 'real' | 'synthetic';
  readonly standing: SloStanding;
}

/** Real and synthetic one below the other: the second is the second opinion on the first. */
function rowsOf(objectives: readonly SloObjective[]): StandingRow[] {
  return objectives.flatMap((objective) =>
    (['real', 'synthetic'] as const).map((source) => ({ objective, source, standing: objective[source] })),
  );
}

function objectives({ objectives: all }: SloReport, about: SloObjective['about'], title: string): string {
  const rows = rowsOf(all.filter((objective) => objective.about === about));
  const text = table<StandingRow>(
    rows,
    [
      { title: 'OBJECTIVE', value: ({ objective, source }) => (source === 'real' ? nameOf(objective) : '') },
      {
        title: 'TARGET',
        value: ({ objective, source }) => (source === 'real' ? perCent(objective.target) : ''),
        right: true,
      },
      { title: 'TRAFFIC', value: ({ source }) => source },
      { title: 'REACHED', value: ({ standing }) => perCent(standing.attainment), right: true },
      {
        title: '',
        value: ({ standing }) => (standing.met === null ? 'no data' : standing.met ? 'met' : 'missed'),
        paint: paintMet,
      },
      { title: 'BUDGET LEFT', value: ({ standing }) => budgetBar(standing.budget.remaining) },
    ],
    'No objectives.',
  );
  return `${colors.bold(title)}\n${text}`;
}

function nameOf({ name, withinMs }: SloObjective): string {
  return withinMs === null ? name : `${name} (${withinMs} ms)`;
}

function paintMet(text: string): string {
  if (text.startsWith('missed')) return colors.red(text);
  return text.startsWith('met') ? colors.green(text) : colors.dim(text);
}

function availability({ real, synthetic }: SloReport): string {
  const row = (traffic: string, { availability: of }: SloFigures) => ({ traffic, of });
  return table(
    [row('real', real), row('synthetic', synthetic)],
    [
      { title: 'TRAFFIC', value: ({ traffic }) => traffic },
      { title: 'OPENED', value: ({ of }) => String(of.opened), right: true },
      { title: 'FAILED', value: ({ of }) => String(of.failed), right: true },
      { title: 'EXCUSED', value: ({ of }) => String(of.excused), right: true },
      { title: 'SETUP P50', value: ({ of }) => duration(of.setupP50?.ms), right: true },
      { title: 'SETUP P99', value: ({ of }) => p99(of), right: true },
      { title: 'SESSIONS UNUSABLE', value: ({ of }) => duration(of.unservedMs), right: true },
    ],
    '',
  );
}

/** With the bounds of the class that it is in: more is not known. */
function p99({ setupP99 }: SloFigures['availability']): string {
  if (setupP99 === null) return '-';
  const { ms, fromMs, toMs } = setupP99;
  return toMs === null ? `over ${duration(fromMs)}` : `${duration(ms)} (${duration(fromMs)}–${duration(toMs)})`;
}

function reliability({ real, synthetic }: SloReport): string {
  const row = (traffic: string, { reliability: of }: SloFigures) => ({ traffic, of });
  return table(
    [row('real', real), row('synthetic', synthetic)],
    [
      { title: 'TRAFFIC', value: ({ traffic }) => traffic },
      { title: 'LOST', value: ({ of }) => String(of.lost), right: true },
      { title: 'PER 1,000', value: ({ of }) => orDash(of.lostPer1000?.toFixed(2)), right: true },
      { title: 'CONNECTION-HOURS', value: ({ of }) => of.connectionHours.toFixed(1), right: true },
      { title: 'HOURS BETWEEN LOSSES', value: ({ of }) => orDash(of.hoursBetweenLosses?.toFixed(1)), right: true },
      { title: 'RESUMED', value: ({ of }) => String(of.resumed), right: true },
      { title: 'MEAN GAP', value: ({ of }) => duration(of.meanGapMs), right: true },
    ],
    '',
  );
}

function burning({ objectives: all }: SloReport): string {
  const rows = rowsOf(all).filter(({ standing }) => standing.burnRates.some(({ rate: one }) => one !== null));
  const windows = all[0]?.real.burnRates.map(({ window }) => window) ?? [];
  if (rows.length === 0) return '';
  const text = table<StandingRow>(
    rows,
    [
      { title: 'OBJECTIVE', value: ({ objective }) => objective.name },
      { title: 'TRAFFIC', value: ({ source }) => source },
      ...windows.map((window, i) => ({
        title: window.toUpperCase(),
        value: ({ standing }: StandingRow) => rate(standing.burnRates[i]?.rate),
        right: true,
      })),
      { title: 'ALERT', value: ({ standing }) => orDash(standing.alert), paint: paintAlert },
    ],
    '',
  );
  return `${colors.bold('BURN RATES')}: at 1, the budget lasts exactly as long as its time\n${text}`;
}

function paintAlert(text: string): string {
  if (text.startsWith('page')) return colors.red(text);
  return text.startsWith('ticket') ? colors.yellow(text) : text;
}

function deployments({ deployments: all }: SloReport): string {
  if (all.length === 0) return '';
  const cost = ({ real }: SloDeployment): string => perCent(real.budget.connection_success, 1);
  const text = table(
    all.slice(0, DEPLOYMENTS_SHOWN),
    [
      { title: 'DEPLOYMENT', value: ({ id }) => id },
      { title: 'VERSION', value: ({ version }) => orDash(version) },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'STARTED', value: ({ startedAt }) => ago(startedAt) },
      { title: 'FAILED', value: ({ real, synthetic }) => `${real.failed} (${synthetic.failed})`, right: true },
      { title: 'LOST', value: ({ real, synthetic }) => `${real.lost} (${synthetic.lost})`, right: true },
      { title: 'SESSIONS UNUSABLE', value: ({ real }) => duration(real.unservedMs), right: true },
      { title: 'SUCCESS BUDGET', value: cost, right: true },
      { title: 'LOSS BUDGET', value: ({ real }) => perCent(real.budget.lost_connections, 1), right: true },
    ],
    '',
  );
  return `${colors.bold('WHAT DEPLOYMENTS SPENT')}: real (synthetic)\n${text}`;
}

function tenants({ tenants: all }: SloReport): string {
  if (all.length === 0) return '';
  const text = table(
    all.slice(0, TENANTS_SHOWN),
    [
      { title: 'TENANT', value: ({ tenant }) => tenant },
      { title: 'OPENED', value: ({ figures }) => String(figures.availability.opened), right: true },
      { title: 'FAILED', value: ({ figures }) => String(figures.availability.failed), right: true },
      { title: 'SUCCESS', value: ({ figures }) => perCent(figures.availability.connectionSuccess), right: true },
      { title: 'SESSIONS', value: ({ figures }) => perCent(figures.availability.sessionAvailability), right: true },
      { title: 'LOST', value: ({ figures }) => String(figures.reliability.lost), right: true },
    ],
    '',
  );
  const more = all.length > TENANTS_SHOWN ? `… and ${all.length - TENANTS_SHOWN} more (--json has them)\n` : '';
  return `${colors.bold('TENANTS')}, the worst first\n${text}${more}`;
}

function recovery({ recovery: all }: SloReport): string {
  if (all.length === 0) return '';
  const text = table(
    all,
    [
      { title: 'FAILURE', value: ({ failure }) => failure },
      { title: 'REHEARSED', value: ({ rehearsals }) => `${rehearsals}×`, right: true },
      { title: 'LAST', value: ({ lastAt }) => ago(lastAt) },
      { title: 'RTO, LAST', value: ({ lastRtoMs }) => recovered(lastRtoMs), right: true },
      { title: 'RTO, WORST', value: ({ worstRtoMs }) => recovered(worstRtoMs), right: true },
      { title: 'RPO: CONNECTIONS', value: ({ lostConnections }) => String(lostConnections), right: true },
      { title: 'RPO: SESSIONS', value: ({ lostSessions }) => String(lostSessions), right: true },
    ],
    '',
  );
  return `${colors.bold('FAILURES, AS REHEARSED')}\n${text}`;
}

function recovered(ms: number | null): string {
  return ms === null ? 'did not' : duration(ms);
}
