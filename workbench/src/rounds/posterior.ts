// What chances of several groups may be, given small samples of each: a Beta distribution of chances, of which a mean and a
// concentration are not known either (Gelman et al., Bayesian Data Analysis, section 5.3). Groups that look alike lend each other
// their samples; an own prior for each would add up to a bias where nearly all chances are near 0 or 1.

import type { Random } from "../sparsecell.ts";

export interface Sample {
  readonly yes: number;
  readonly no: number;
}

/** Means evenly on the scale of the logit, weighed so that Jeffreys' prior results; and concentrations, the less likely the higher. */
const MEANS = Array.from({ length: 47 }, (_, i) => 1 / (1 + Math.exp(-(i - 23) / 4)));
const CONCENTRATIONS = [1, 2, 4, 8, 16, 32, 64];

/** So many draws, each with a chance for every group. */
export function chances(samples: readonly Sample[], draws: number, random: Random): number[][] {
  const grid = MEANS.flatMap((mean) =>
    CONCENTRATIONS.map((concentration) => {
      const [a, b] = [mean * concentration, (1 - mean) * concentration];
      const prior = 0.5 * Math.log(mean * (1 - mean)) - Math.log(concentration);
      const likelihood = samples.reduce((sum, { yes, no }) => sum + logBeta(a + yes, b + no) - logBeta(a, b), 0);
      return { a, b, log: prior + likelihood };
    }),
  );
  const most = Math.max(...grid.map(({ log }) => log));
  let total = 0;
  const sums = grid.map(({ log }) => (total += Math.exp(log - most)));
  return Array.from({ length: draws }, () => {
    const at = random.uniform(0, total);
    const { a, b } = grid[sums.findIndex((sum) => sum > at)];
    return samples.map(({ yes, no }) => beta(a + yes, b + no, random));
  });
}

/** How many of n; of many by the normal distribution with the same mean and variance. */
export function binomial(n: number, p: number, random: Random): number {
  if (n > 60) return Math.min(n, Math.max(0, Math.round(random.normal(n * p, Math.sqrt(n * p * (1 - p))))));
  let count = 0;
  for (let i = 0; i < n; i++) if (random.uniform() < p) count++;
  return count;
}

function beta(a: number, b: number, random: Random): number {
  const [x, y] = [gamma(a, random), gamma(b, random)];
  return x + y === 0 ? 0.5 : x / (x + y);
}

/** Marsaglia and Tsang, ACM Transactions on Mathematical Software 26, 2000. */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(random.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** Stirling's series, from 8 on. */
function logGamma(x: number): number {
  if (x < 8) return logGamma(x + 1) - Math.log(x);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
}
