// Student's t distribution for whole degrees of freedom, by the finite sums of Abramowitz and Stegun, Handbook of Mathematical
// Functions (1964), 26.7.3 and 26.7.4.

/** P(|T| > t) with `df` ≥ 1 degrees of freedom; t may have either sign or be infinite. */
export function studentTail(t: number, df: number): number {
  return Math.max(0, 1 - within(Math.abs(t), df));
}

/** The t that |T| stays below with probability `level`, in (0, 1). */
export function studentQuantile(level: number, df: number): number {
  let [low, high] = [0, 1];
  while (within(high, df) < level) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (within(middle, df) < level) low = middle;
    else high = middle;
  }
  return high;
}

function within(t: number, df: number): number {
  const angle = Math.atan(t / Math.sqrt(df));
  const cosine = Math.cos(angle);
  const odd = df % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = df === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < df; k += 2) {
    term *= ((k - 1) / k) * cosine ** 2;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
