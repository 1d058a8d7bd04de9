import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { onTheme } from './palette.ts';
import { Plot } from './plot.ts';
import type { PlotInput } from './plot-input.ts';

/** Draws into the element of the answer, anew when there is something new. */
export function usePlot(
  input: PlotInput,
  group: string | undefined,
  onPointer: (at: number | null) => void,
): RefObject<HTMLDivElement> {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const latest = useRef(input);
  latest.current = input;
  const lines = input.series.length;
  useLayoutEffect(() => {
    if (element.current === null) return;
    const made = new Plot(element.current, latest.current, group, onPointer);
    plot.current = made;
    const endTheme = onTheme(() => made.recolour());
    return () => {
      endTheme();
      plot.current = undefined;
      made.destroy();
    };
  }, [lines, group, onPointer]);
  const { at, series, annotations, limits, lit, unit, window, bounds } = input;
  const [from, to] = window ?? [];
  const [low, high] = bounds ?? [];
  useEffect(
    () => plot.current?.update(latest.current),
    [at, series, annotations, limits, lit, unit, from, to, low, high],
  );
  return element;
}
