// Gradients: recording on and off, backward, and a check of gradients by finite differences.

import { native } from "./native.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

/** Runs `body` without recording for backward. */
export function noGrad<T>(body: () => T): T {
  const before = native().gradMode(false);
  try {
    return body();
  } finally {
    native().gradMode(before);
  }
}

/** Adds d(sum of roots)/d(leaf) to `grad` of every leaf that requires it. Roots are scalars. */
export function backward(...roots: Tensor[]): void {
  native().backward(
    roots,
    roots.map(() => null),
  );
}

export interface GradOptions {
  /** d(loss)/d(output) for each output; 1 for scalars by default. */
  readonly gradOutputs?: readonly Tensor[];
  readonly retainGraph?: boolean;
  /** Makes the gradients differentiable themselves. */
  readonly createGraph?: boolean;
}

/** Gradients of `outputs` with respect to `inputs`, null where an input plays no part; nothing is accumulated. */
export function grad(outputs: readonly Tensor[], inputs: readonly Tensor[], options: GradOptions = {}): (Tensor | null)[] {
  const { gradOutputs, createGraph = false, retainGraph = createGraph } = options;
  const handles = native().grad(outputs, inputs, gradOutputs ?? outputs.map(() => null), retainGraph, createGraph);
  return handles.map((handle) => (handle === null ? null : new Tensor(handle)));
}

/**
 * Compares the gradients of a scalar function with central differences. Inputs are float64 leaves that require a gradient.
 * Returns the largest difference |analytic − numeric| / (1 + |numeric|); throws when an input is not float64.
 */
export function gradCheck(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[], step = 1e-6): number {
  for (const input of inputs)
    if (input.dtype !== "float64") throw new TypeError(`gradCheck: expected float64 inputs, got ${input.dtype}`);
  return scope(() => {
    const gradients = grad([f(...inputs)], inputs);
    let worst = 0;
    inputs.forEach((input, k) => {
      const analytic = gradients[k]?.numbers() ?? new Array<number>(input.numel).fill(0);
      const values = input.numbers();
      for (let i = 0; i < values.length; i++) {
        const at = (delta: number): number =>
          noGrad(() =>
            scope(() => {
              const moved = Float64Array.from(values);
              moved[i] += delta;
              return f(...inputs.map((other, j) => (j === k ? Tensor.from(moved, input.shape) : other))).item();
            }),
          );
        const numeric = (at(step) - at(-step)) / (2 * step);
        worst = Math.max(worst, Math.abs(analytic[i] - numeric) / (1 + Math.abs(numeric)));
      }
    });
    return worst;
  });
}
