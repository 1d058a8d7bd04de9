import { parseDuration } from './durations.ts';

/** 1 to 63 of a-z, 0-9, and inside . _ -: names of schedules, windows, pools, nodes. */
const CHOSEN_ID = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

/** undefined: it is one. `optional`: none at all is fine. */
export function idProblem(text: string, optional = false): string | undefined {
  if (text.trim() === '') return optional ? undefined : 'A name is needed.';
  return CHOSEN_ID.test(text.trim()) ? undefined : '1 to 63 of a-z, 0-9, and inside . _ -';
}

/** Only how it looks; whether there is such a time the API says. */
export function cronProblem(text: string): string | undefined {
  const fields = text.trim().split(/\s+/);
  const looksFine = fields.length === 5 && fields.every((field) => /^[\dA-Za-z*/,#?L-]+$/.test(field));
  return looksFine ? undefined : 'Five fields: minute hour day month weekday, such as 0 22 * * 5.';
}

/** `least`, `most`: ms, with how they are said. */
export function durationProblem(text: string, least: number, most: number, words: string): string | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= least && ms <= most ? undefined : words;
}

export function timezoneProblem(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text.trim() });
    return undefined;
  } catch {
    return 'Such as UTC or Europe/Berlin.'; // it throws for nothing else
  }
}
