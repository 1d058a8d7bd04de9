import type { LiveNode } from '@culvert/contracts';

const SIGNS = { ok: 'ℹ', warn: '▲', bad: '■' } as const;

/** How a node is, in words; nothing where there is nothing to tell. */
export function HealthReasons({ health }: Pick<LiveNode, 'health'>) {
  if (health.reasons.length === 0) return null;
  return (
    <ul class={`cluster-reasons ${health.level === 'ok' ? 'faint' : health.level}`} aria-label="Health">
      {health.reasons.map((reason) => (
        <li key={reason}>
          <span aria-hidden="true">{SIGNS[health.level]}</span> {reason}
        </li>
      ))}
    </ul>
  );
}
