/** The colours of a canvas, which knows nothing of style sheets, as the theme has them now. */
export interface Palette {
  readonly lines: readonly string[];
  readonly text: string;
  readonly grid: string;
  readonly span: string;
  readonly limit: string;
}

/** As many lines as a chart may have. */
export const LINES = 5;

/** The custom property of the line with that index; beyond the last they begin again. */
export function lineColour(index: number): string {
  return `--chart-${(index % LINES) + 1}`;
}

/** What the custom properties come to in `element`, with light-dark() resolved. */
export function readPalette(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const colour = (property: string): string => {
    probe.style.color = `var(${property})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    lines: Array.from({ length: LINES }, (_, index) => colour(lineColour(index))),
    text: colour('--faint'),
    grid: colour('--line'),
    span: colour('--chart-span'),
    limit: colour('--warn'),
  };
  probe.remove();
  return palette;
}

/** Calls `listener` when a person or the system has changed the theme. Returns what ends it. */
export function onTheme(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', listener);
  window.addEventListener('culvert:theme', listener);
  return () => {
    system.removeEventListener('change', listener);
    window.removeEventListener('culvert:theme', listener);
  };
}
