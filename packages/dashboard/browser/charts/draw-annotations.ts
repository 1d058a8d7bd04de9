import type uPlot from 'uplot';
import type { Palette } from './palette.ts';
import type { PlotInput } from './plot-input.ts';

const FAINT = 0.14;
const LIT = 0.34;

/** Narrower than this a span could not be seen, CSS pixels. */
const NARROWEST = 2;

/** Shades what went on, under the lines. */
export function drawAnnotations(plot: uPlot, { annotations, lit }: PlotInput, palette: Palette): void {
  const { ctx } = plot;
  ctx.save();
  clipToPlot(plot);
  ctx.fillStyle = palette.span;
  for (const annotation of annotations) {
    const right = plot.bbox.left + plot.bbox.width;
    const from = plot.valToPos(annotation.from, 'x', true);
    const to = annotation.to === null ? right : plot.valToPos(annotation.to, 'x', true);
    const width = Math.max(NARROWEST * devicePixelRatio, to - from);
    ctx.globalAlpha = annotation.key === lit ? LIT : FAINT;
    ctx.fillRect(from, plot.bbox.top, width, plot.bbox.height);
    // The beginning is what one looks for: did it change there?
    ctx.globalAlpha = annotation.key === lit ? 1 : 2 * LIT;
    ctx.fillRect(from, plot.bbox.top, devicePixelRatio, plot.bbox.height);
  }
  ctx.restore();
}

/** A dashed line at each level to compare with. */
export function drawLimits(plot: uPlot, { limits }: PlotInput, palette: Palette): void {
  const { ctx, bbox } = plot;
  ctx.save();
  clipToPlot(plot);
  ctx.strokeStyle = palette.limit;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const { value } of limits) {
    const y = Math.round(plot.valToPos(value, 'y', true));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

function clipToPlot({ ctx, bbox }: uPlot): void {
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}
