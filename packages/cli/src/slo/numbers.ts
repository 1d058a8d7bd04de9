const BAR_CELLS = 20;

/** `99.95 %`, cut and not rounded: what is not all does not look like all. `-` for no data. */
export function perCent(share: number | null | undefined, digits = 4): string {
  if (share === null || share === undefined) return '-';
  const scale = 10 ** digits;
  // The product of a share such as 0.9999 may fall short of a whole number by the last bit.
  const cut = Math.floor(share * 100 * scale + 1e-6) / scale;
  return `${Number(cut.toFixed(digits))} %`;
}

/** `████████▌           42 %`; overspent: empty, and how much beyond. */
export function budgetBar(remaining: number | null): string {
  if (remaining === null) return '-';
  const full = Math.max(0, Math.min(1, remaining)) * BAR_CELLS;
  const cells = remaining > 0 ? Math.max(1, Math.round(full)) : 0;
  return `${'█'.repeat(cells)}${'░'.repeat(BAR_CELLS - cells)} ${Math.floor(remaining * 100 + 1e-9)} %`;
}

/** `0.7`, `14`, `1000`. */
export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined) return '-';
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

/** `0.4 ms`, `120 ms`, `1.5 s`, `3.2 min`, `4.1 h`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '-';
  if (ms < 1_000) return `${ms < 10 && !Number.isInteger(ms) ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 120_000) return `${short(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${short(ms / 60_000)} min` : `${short(ms / 3_600_000)} h`;
}

function short(value: number): string {
  return String(Number(value.toFixed(value < 10 ? 1 : 0)));
}
