// Probabilities, odds and logits.

export const logit = (p: number): number => Math.log(p / (1 - p));
export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** The probability whose odds are `factor` times those of `p`. */
export const withOdds = (p: number, factor: number): number => (factor === 1 ? p : (factor * p) / (factor * p + 1 - p));
