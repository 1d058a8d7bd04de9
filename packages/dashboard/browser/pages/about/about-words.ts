import type { About, RegistryStatus } from '@culvert/contracts';

type Process = About['processes'][number];

const BY_LEVEL = { bad: 0, warn: 1, ok: 2 } as const;

/** Those that need a person first; else by role and name, `worker-2` before `worker-10`. */
export function inOrder(processes: readonly Process[]): Process[] {
  return processes.toSorted(
    (one, other) =>
      BY_LEVEL[one.health.level] - BY_LEVEL[other.health.level] ||
      one.role.localeCompare(other.role) ||
      one.id.localeCompare(other.id, 'en', { numeric: true }),
  );
}

/** The registry's state in one word, and in a sentence. */
export function registryWords({ available, recovering, reason }: RegistryStatus): { state: string; text: string } {
  if (!available) {
    const text = `Redis cannot be used: ${reason ?? 'it does not answer'}. What is established goes on; new sessions wait.`;
    return { state: 'away', text };
  }
  if (recovering === true) {
    return { state: 'recovering', text: 'Redis lost data; the workers are telling it again what they hold.' };
  }
  return { state: 'available', text: 'Redis answers, and has what the workers told it.' };
}

export interface ExternalLink {
  readonly title: string;
  readonly href: string;
  readonly what: string;
}

/** Where a template leads without an id: up to the first place for one, and no query or fragment that would be cut in two. */
export function withoutIds(template: string): string {
  const [before = ''] = template.split('{', 1);
  if (before === template) return template;
  return /^[a-z]+:\/\/[^/?#]+(?:[^?#]*\/)?/.exec(before)?.[0] ?? before;
}

/** Pages of other systems, as far as the API was told of them. */
export function externalLinks({ logs, traces, dashboards }: About['links']): ExternalLink[] {
  const all = [
    { title: 'Logs', template: logs, what: 'of all processes; each session’s page leads to its own' },
    { title: 'Traces', template: traces, what: 'of connections and sessions' },
    { title: 'Boards', template: dashboards, what: 'the metrics over time' },
  ];
  return all.flatMap(({ title, template, what }) =>
    template === null ? [] : [{ title, what, href: withoutIds(template) }],
  );
}
