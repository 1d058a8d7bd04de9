import { addressOf, EVERYTHING } from './session-filter.ts';

interface LabelsProps {
  readonly labels: Readonly<Record<string, string>>;
  /** The rest is counted. */
  readonly most?: number;
}

/** A session's labels; each leads to the sessions that have it, too. */
export function Labels({ labels, most = Number.POSITIVE_INFINITY }: LabelsProps) {
  const all = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const more = all.length - most;
  return (
    <span class="sessions-labels">
      {all.slice(0, most).map((label) => (
        <a key={label} class="sessions-label" href={addressOf({ ...EVERYTHING, label })}>
          {label}
        </a>
      ))}
      {more > 0 ? (
        <span class="faint" title={all.slice(most).join('\n')}>
          and {more} more
        </span>
      ) : null}
    </span>
  );
}
