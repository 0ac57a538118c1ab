// Measures the time of the libtorch operators that a computation runs, forward and backward.

import { native } from "./native.ts";

/** The time of all calls of one operator with one dtype. */
export interface OperatorTime {
  /** libtorch's name: "aten::mkldnn_convolution". */
  readonly name: string;
  /** That of its first tensor; "" without one. */
  readonly dtype: string;
  readonly calls: number;
  /** Without the operators it calls. */
  readonly seconds: number;
  /** Multiplications and additions of convolutions and matrix products; 0 for other operators. */
  readonly flops: number;
  /** The size of all tensors it takes and returns, including views, which move nothing. */
  readonly bytes: number;
}

/**
 * Runs `body` and returns the time of its operators, longest first; on a GPU, the time to queue them. Throws an Error when another
 * profile is running.
 *
 * @example
 * const { operators } = profile(() => scope(() => backward(model.forward(x).sum())));
 * console.log(operators[0].name, operators[0].seconds);
 */
export function profile<T>(body: () => T): { result: T; operators: OperatorTime[] } {
  native().profile(true);
  const operators: OperatorTime[] = [];
  try {
    return { result: body(), operators };
  } finally {
    operators.push(...(native().profile(false) as OperatorTime[]).sort((a, b) => b.seconds - a.seconds));
  }
}
