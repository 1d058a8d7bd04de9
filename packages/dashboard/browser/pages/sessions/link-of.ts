/** An address made from a template such as `https://logs/?q={session}`; undefined: there is none for sessions, or it is no web address. */
export function linkOf(template: string | null | undefined, session: string): string | undefined {
  if (template === null || template === undefined || !/^https?:\/\//.test(template)) return undefined;
  if (!template.includes('{session}')) return undefined;
  return template.replaceAll('{session}', encodeURIComponent(session));
}
