import { When } from '../ui/time.tsx';
import type { ChartAnnotation } from './chart-data.ts';

/** More than this is a list of its own, on the page of deployments. */
const SHOWN = 5;

interface AnnotationListProps {
  /** The newest first. */
  readonly annotations: readonly ChartAnnotation[];
  /** Somebody points at this one, or (null) at none any more. */
  readonly onLit: (key: string | null) => void;
}

/** What the shaded spans of a chart are. */
export function AnnotationList({ annotations, onLit }: AnnotationListProps) {
  if (annotations.length === 0) return null;
  const left = annotations.length - SHOWN;
  return (
    <ul class="chart-annotations" aria-label="Deployments in the picture">
      {annotations.slice(0, SHOWN).map(({ key, href, text, from }) => (
        <li key={key} onMouseEnter={() => onLit(key)} onMouseLeave={() => onLit(null)}>
          <span class="chart-mark span" aria-hidden="true" />
          <a href={href} onFocus={() => onLit(key)} onBlur={() => onLit(null)}>
            {text}
          </a>{' '}
          <span class="faint">
            <When at={from} />
          </span>
        </li>
      ))}
      {left > 0 ? (
        <li>
          <a href="/deployments">and {left} more</a>
        </li>
      ) : null}
    </ul>
  );
}
