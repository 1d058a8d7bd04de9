import type { ComponentChildren } from 'preact';

interface StatProps {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly hint?: string;
}

/** One figure, with what it is of. Several stand in `<dl class="stats">`. */
export function Stat({ label, children, hint }: StatProps) {
  return (
    <div class="stat" title={hint}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
