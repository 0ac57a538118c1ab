// The interval of a fraction that was counted (Wilson, Journal of the American Statistical Association 1927): honest also for few
// cases and for fractions near 0 and 1.

const Z = 1.959964; // 95 % of a normal distribution

/** The 95 % interval of the fraction of which `found` in `all` were counted; 0 to 1 when nothing was. */
export function wilsonInterval(found: number, all: number): readonly [low: number, high: number] {
  if (all === 0) return [0, 1];
  const p = found / all;
  const spread = Z * Math.sqrt((p * (1 - p)) / all + (Z * Z) / (4 * all * all));
  const scale = 1 + (Z * Z) / all;
  const middle = p + (Z * Z) / (2 * all);
  return [Math.max(0, (middle - spread) / scale), Math.min(1, (middle + spread) / scale)];
}
