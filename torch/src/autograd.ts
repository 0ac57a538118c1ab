// Gradients: switching recording off, backward, and a check by finite differences.
import { native } from "./native.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

/**
 * Runs `body` without recording operations for backward and returns its result.
 *
 * @example
 * const logits = noGrad(() => model.forward(x));
 */
export function noGrad<T>(body: () => T): T {
  const before = native().gradMode(false);
  try {
    return body();
  } finally {
    native().gradMode(before);
  }
}

/**
 * Adds d(Σ roots)/d(leaf) to `grad` of every leaf that requires a gradient. Roots have one element each; otherwise an Error is
 * thrown.
 *
 * @example
 * backward(loss);
 * optimizer.step();
 */
export function backward(...roots: Tensor[]): void {
  native().backward(
    roots,
    roots.map(() => null),
  );
}

export interface GradOptions {
  /** d(loss)/d(output) for each output; default: 1, for scalars only. */
  readonly gradOutputs?: readonly Tensor[];
  /** Keep the graph for another pass; default: as `createGraph`. */
  readonly retainGraph?: boolean;
  /** Make the gradients differentiable; default false. */
  readonly createGraph?: boolean;
}

/**
 * Gradients of `outputs` with respect to `inputs`, in the shapes of the inputs; null for an input that is not used. Nothing is
 * accumulated in `grad`.
 *
 * @example
 * const [gradient] = grad([loss], [weight]);
 */
export function grad(outputs: readonly Tensor[], inputs: readonly Tensor[], options: GradOptions = {}): (Tensor | null)[] {
  const { gradOutputs, createGraph = false, retainGraph = createGraph } = options;
  const handles = native().grad(outputs, inputs, gradOutputs ?? outputs.map(() => null), retainGraph, createGraph);
  return handles.map((handle) => (handle === null ? null : new Tensor(handle)));
}

/**
 * Compares the gradients of a scalar function with central differences of width 2 · `step`. Inputs are float64 leaves that require
 * a gradient. Returns the largest |analytic − numeric| / (1 + |numeric|). Throws a TypeError when an input is not float64.
 *
 * @example
 * const x = parameter(rand([3], new Generator(1), { dtype: "float64" }));
 * gradCheck((x) => x.pow(2).sum(), [x]); // about 1e-10
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
