import type { DeploymentReason, DeploymentWhy } from '@culvert/contracts';
import { colors } from '../colors.ts';
import { bytes, orDash, table } from '../output.ts';
import { type Line, printable } from './line.ts';
import { span } from './time.ts';
import { stateWords } from './words.ts';

type Holder = DeploymentReason['holders'][number];

/** Of each condition, in the few lines under the bars. */
const NAMED = 3;

/** `worker-2, busy`: which wait it is. */
export function placeOf({ node, step }: DeploymentReason): string {
  const where = [node, step].filter((part) => part !== null);
  return where.length === 0 ? 'the deployment' : where.join(', ');
}

/** One line that says it all, for output that only grows. */
export function waitLine(reason: DeploymentReason): string {
  return printable(
    `${placeOf(reason)} waits: ${reason.condition}; ends when: ${reason.endsWhen}${namedHolders(reason)}`,
  );
}

/** The same in the words of a live view: two lines, and one for each of the first holders. */
export function waitLines(reason: DeploymentReason, named = NAMED): Line[] {
  const { condition, endsWhen, holders, held } = reason;
  const more = held - Math.min(named, holders.length);
  return [
    [{ text: '  ' }, { text: placeOf(reason), paint: colors.bold }, { text: `: ${condition}` }],
    [{ text: `    ends when: ${endsWhen}`, paint: colors.dim }],
    ...holders.slice(0, named).map((holder): Line => [{ text: `    ${holderWords(holder)}` }]),
    ...(more > 0 && holders.length > 0 ? [[{ text: `    and ${more} more`, paint: colors.dim }]] : []),
  ];
}

/** `culvert deploy why`. */
export function whyText({ id, state, summary, reasons }: DeploymentWhy): string {
  const head = printable(`${id}, ${stateWords(state)}: ${summary}`);
  return `${head}\n${reasons.map((reason) => `\n${reasonText(reason)}`).join('')}`;
}

function reasonText(reason: DeploymentReason): string {
  const { code, condition, endsWhen, holders, held } = reason;
  const head = `${colors.bold(printable(placeOf(reason)))}: ${printable(condition)} ${colors.dim(`(${printable(code)})`)}\n`;
  const end = `ends when: ${printable(endsWhen)}\n`;
  if (holders.length === 0) return `${head}${end}`;
  const more = held > holders.length ? `and ${held - holders.length} more\n` : '';
  return `${head}${end}${holderTable(holders)}${more}`;
}

function holderTable(holders: readonly Holder[]): string {
  const rows = holders.map((holder) => ({ ...holder, name: safe(holder.name), target: safe(holder.target) }));
  return table(
    rows,
    [
      { title: 'SESSION', value: ({ session }) => session },
      { title: 'NAME', value: ({ name }) => orDash(name) },
      { title: 'TENANT', value: ({ tenant }) => printable(tenant) },
      { title: 'CONNECTION', value: ({ connection }) => orDash(connection) },
      { title: 'TARGET', value: ({ target }) => orDash(target) },
      { title: 'AGE', value: ({ ageMs }) => span(ageMs), right: true },
      { title: 'LAST BYTE', value: ({ lastByteAgoMs: ms }) => (ms === null ? '-' : `${span(ms)} ago`), right: true },
      { title: 'RATE', value: ({ bytesPerSecond }) => rate(bytesPerSecond) ?? '-', right: true },
    ],
    '',
  );
}

function namedHolders({ holders, held }: DeploymentReason): string {
  if (holders.length === 0) return '';
  const shown = holders.slice(0, NAMED);
  const more = held > shown.length ? ` and ${held - shown.length} more` : '';
  return `; held by ${shown.map(holderWords).join(', ')}${more}`;
}

/** `ci of acme → app:443 (5 min, last byte 2.0 s ago, 1.2 KiB/s)`. */
function holderWords({ session, tenant, name, target, ageMs, lastByteAgoMs, bytesPerSecond }: Holder): string {
  const last = lastByteAgoMs === null ? null : `last byte ${span(lastByteAgoMs)} ago`;
  const facts = [span(ageMs), last, rate(bytesPerSecond)].filter((fact) => fact !== null).join(', ');
  return `${name ?? session} of ${tenant}${target === null ? '' : ` → ${target}`} (${facts})`;
}

function rate(bytesPerSecond: number | null): string | null {
  return bytesPerSecond === null ? null : `${bytes(bytesPerSecond)}/s`;
}

function safe(text: string | null): string | null {
  return text === null ? null : printable(text);
}
