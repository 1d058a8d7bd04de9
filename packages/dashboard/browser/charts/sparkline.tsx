import './charts.css';
import { sparklinePath } from './sparkline-path.ts';

const BOX = { width: 120, height: 24 };
const EDGE = 1.5;

interface SparklineProps {
  /** What it shows, with the figures that matter: it is a picture. */
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/** How a value went, without axes. */
export function Sparkline({ label, values }: SparklineProps) {
  const box = `${-EDGE} ${-EDGE} ${BOX.width + 2 * EDGE} ${BOX.height + 2 * EDGE}`;
  return (
    <svg class="sparkline" viewBox={box} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={sparklinePath(values, BOX)} />
    </svg>
  );
}
