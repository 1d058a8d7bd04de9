/** A stretch of time at whose end `target` is reached, in a straight line from what was before. */
export interface TimedStage {
  readonly durationMs: number;
  readonly target: number;
}

/** As many all along. */
export function startRamp(vus: number, durationMs: number): { start: number; stages: TimedStage[] } {
  return { start: vus, stages: [{ durationMs, target: vus }] };
}

/**
 * When the number of VUs changes, and to what: the first at 0. As in k6, one more VU is there once the line has reached it, and
 * one less once the line has come down to it; a stage of no length is a jump.
 */
export function* vuSteps(start: number, stages: readonly TimedStage[]): Generator<{ atMs: number; vus: number }> {
  yield { atMs: 0, vus: start };
  let from = start;
  let beganMs = 0;
  for (const { durationMs, target } of stages) {
    const count = Math.abs(target - from);
    const step = Math.sign(target - from);
    if (durationMs === 0 && count > 0) yield { atMs: beganMs, vus: target };
    else for (let i = 1; i <= count; i += 1) yield { atMs: beganMs + (durationMs * i) / count, vus: from + step * i };
    beganMs += durationMs;
    from = target;
  }
}

/** Arrivals at even distances, the first at 0: as k6's constant-arrival-rate. `perMs`: rate. */
export function* constantArrivals(perMs: number, durationMs: number): Generator<number> {
  // Multiplied, not added up: an error of rounding must not grow.
  if (perMs > 0) for (let i = 0; i / perMs < durationMs; i += 1) yield i / perMs;
}

/** What a sum of many roundings may be short of a whole number. */
const ROUNDING = 1e-7;

/**
 * Arrivals at a rate that changes in straight lines: one each time when the area below the line, which is the number of
 * arrivals so far, reaches a whole number. Rates per ms.
 */
export function* rampingArrivals(start: number, stages: readonly TimedStage[]): Generator<number> {
  let from = start;
  let beganMs = 0;
  let area = 0;
  let next = 1;
  for (const { durationMs, target } of stages) {
    const after = area + ((from + target) / 2) * durationMs;
    for (; next <= after + ROUNDING; next += 1) {
      yield beganMs +
        Math.min(durationMs, timeOf(next - area, from, durationMs === 0 ? 0 : (target - from) / durationMs));
    }
    area = after;
    beganMs += durationMs;
    from = target;
  }
}

/** The t at which `from·t + slope·t²/2` is `count`; in the form that holds for a slope of 0, too. */
function timeOf(count: number, from: number, slope: number): number {
  return (2 * count) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * count)));
}
