import type { Receipt, ReceiptSession } from '@culvert/contracts';

const COLUMNS = [
  ...(['id', 'tenant', 'name', 'from', 'to', 'outcome', 'gapMs', 'bytesReplayed'] as const),
  ...(['connectionsMoved', 'connectionsFinished', 'connectionsLost', 'at'] as const),
] satisfies readonly (keyof ReceiptSession)[];

/** Every session, one a line, under the names of the fields (RFC 4180): the same as `culvert deploy receipt --csv`. */
export function receiptCsv({ sessions }: Pick<Receipt, 'sessions'>): string {
  const rows = sessions.map((session) => COLUMNS.map((column) => cell(session[column])).join(','));
  return [COLUMNS.join(','), ...rows].map((row) => `${row}\r\n`).join('');
}

function cell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  // A spreadsheet takes what begins so for a formula (CWE-1236).
  const harmless = /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
