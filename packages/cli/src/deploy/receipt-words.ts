import type { Receipt, ReceiptSession } from '@culvert/contracts';
import { bytes, orDash, table } from '../output.ts';
import { printable } from './line.ts';
import { paintOutcome } from './states.ts';
import { at, span } from './time.ts';
import { counted } from './words.ts';

/** Rows for a person; the rest is counted. */
const ROWS = 20;

/** `culvert deploy receipt`. */
export function receiptText(receipt: Receipt): string {
  const { id, version, role, pool, strategy, policy, state, startedAt, finishedAt, nodes, totals, signature } = receipt;
  const { gapMs } = totals;
  const took = span(at(finishedAt) - at(startedAt));
  const of = (outcome: ReceiptSession['outcome']): number =>
    receipt.sessions.filter((session) => session.outcome === outcome).length;
  const lost = totals.connectionsLost === 0 ? 'none lost' : `${totals.connectionsLost} lost`;
  const sorted = receipt.sessions.toSorted(busyFirst);
  const more = sorted.length > ROWS ? `and ${sorted.length - ROWS} more; --json and --csv have them all\n` : '';
  return (
    `${id}: ${version} for ${counted(nodes.length, role)} of pool ${pool}, ${strategy}, ${policy}; ${paintOutcome(state)} after ${took}\n` +
    `${counted(totals.sessions, 'session')} touched: ${totals.movedSessions} moved, ${totals.closedIdle} closed idle, ` +
    `${of('forced')} forced, ${of('ended')} ended by themselves\n` +
    `${counted(totals.connectionsMoved, 'connection')} moved, ${totals.connectionsFinished} finished while they were waited for, ${lost}\n` +
    `without a path for ${gapMs.p50} ms (p50), ${gapMs.p99} ms (p99), ${gapMs.max} ms (longest); ${bytes(totals.bytesReplayed)} sent again\n` +
    `signed: ${signature.algorithm} ${printable(signature.value)}\n\n` +
    `${sessionTable(sorted.slice(0, ROWS))}${more}`
  );
}

function sessionTable(sessions: readonly ReceiptSession[]): string {
  return table(
    sessions,
    [
      { title: 'SESSION', value: ({ id }) => id },
      { title: 'NAME', value: ({ name }) => orDash(name) },
      { title: 'TENANT', value: ({ tenant }) => tenant },
      { title: 'FROM', value: ({ from }) => from },
      { title: 'TO', value: ({ to }) => orDash(to) },
      { title: 'OUTCOME', value: ({ outcome }) => outcome },
      { title: 'GAP', value: ({ gapMs }) => (gapMs === null ? '-' : `${gapMs} ms`), right: true },
      { title: 'AGAIN', value: ({ bytesReplayed }) => bytes(bytesReplayed), right: true },
      { title: 'MOVED', value: ({ connectionsMoved }) => String(connectionsMoved), right: true },
      { title: 'FINISHED', value: ({ connectionsFinished }) => String(connectionsFinished), right: true },
      { title: 'LOST', value: ({ connectionsLost }) => String(connectionsLost), right: true },
    ],
    'No session was touched.',
  );
}

/** What was lost above all, then what had connections. */
function busyFirst(a: ReceiptSession, b: ReceiptSession): number {
  return b.connectionsLost - a.connectionsLost || connectionsOf(b) - connectionsOf(a);
}

function connectionsOf({ connectionsMoved, connectionsFinished }: ReceiptSession): number {
  return connectionsMoved + connectionsFinished;
}

const CSV = [
  'id',
  'tenant',
  'name',
  'from',
  'to',
  'outcome',
  'gapMs',
  'bytesReplayed',
  'connectionsMoved',
  'connectionsFinished',
  'connectionsLost',
  'at',
] as const satisfies readonly (keyof ReceiptSession)[];

/** Every session, one a line, under the names of the fields (RFC 4180). */
export function receiptCsv({ sessions }: Receipt): string {
  const rows = sessions.map((session) => CSV.map((field) => cell(session[field])).join(','));
  return [CSV.join(','), ...rows].map((row) => `${row}\r\n`).join('');
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  // A spreadsheet takes what begins so for a formula.
  const harmless = /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
