import type { ComponentChildren } from 'preact';
import { Copy } from './copy.tsx';

interface EmptyProps {
  readonly title: string;
  readonly children?: ComponentChildren;
  /** What to do next, for the command line. */
  readonly command?: string;
}

/** Nothing is there: why, and what would bring something. */
export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
      {command === undefined ? null : <Copy text={command} label="the command" />}
    </div>
  );
}
