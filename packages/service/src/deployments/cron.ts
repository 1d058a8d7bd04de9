import { CulvertError } from '@culvert/base';
import { CronExpressionParser } from 'cron-parser';

/** When something happens, again and again. */
export interface CronTime {
  /** Five fields: minute hour day month weekday. */
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
}

const FIELDS = 5;

/** Throws `invalid_request`, saying which of the two is wrong, also for a day that never comes. */
export function checkCron(when: CronTime): void {
  if (!isTimezone(when.timezone)) {
    throw new CulvertError('invalid_request', `timezone: ${JSON.stringify(when.timezone)} is no IANA time zone.`);
  }
  if (when.cron.trim().split(/\s+/).length !== FIELDS) {
    throw new CulvertError('invalid_request', 'cron: five fields are needed: minute hour day month weekday.');
  }
  try {
    CronExpressionParser.parse(when.cron, { tz: when.timezone }).next();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CulvertError('invalid_request', `cron: ${why}.`, { cause });
  }
}

/** The first time after `afterMs`, ms since the Unix epoch. */
export function nextTime({ cron, timezone }: CronTime, afterMs: number): number {
  return CronExpressionParser.parse(cron, { currentDate: afterMs, tz: timezone }).next().getTime();
}

/** The last time at or before `atMs`, ms since the Unix epoch. */
export function lastTime({ cron, timezone }: CronTime, atMs: number): number {
  // What the parser calls the previous one lies before its date; it knows no parts of a second.
  return CronExpressionParser.parse(cron, { currentDate: Math.floor(atMs / 1_000 + 1) * 1_000, tz: timezone })
    .prev()
    .getTime();
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false; // it throws for nothing else
  }
}
