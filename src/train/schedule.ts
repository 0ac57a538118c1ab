// The learning rate over a training (Li et al. 2021, section 4.1: 10,000 steps, divided by 10 at 5,000 and at 7,500, so at
// a half and at three quarters), with an optional linear warm-up, which the paper does not have.

export interface Schedule {
  readonly lr: number;
  readonly steps: number;
  /** Steps over which the rate rises from nearly 0; 0 for none. */
  readonly warmup: number;
}

/** The rate of step `step`, counted from 1. */
export function learningRate({ lr, steps, warmup }: Schedule, step: number): number {
  const decay = step > 0.75 * steps ? 0.01 : step > 0.5 * steps ? 0.1 : 1;
  return lr * decay * (step < warmup ? step / warmup : 1);
}
