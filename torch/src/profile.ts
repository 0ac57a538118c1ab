// What time goes into: the operators of libtorch that a computation runs, forward and backward.

import { native } from "./native.ts";

export interface OperatorTime {
  /** As libtorch has it: "aten::mkldnn_convolution". */
  readonly name: string;
  /** Of its first tensor; "" without one. */
  readonly dtype: string;
  readonly calls: number;
  /** Its own time, without that of operators that it calls. */
  readonly seconds: number;
  /** Multiplications and additions of convolutions and matrix products; 0 of others. */
  readonly flops: number;
  /** Of all tensors that it takes and returns; views, which move nothing, included. */
  readonly bytes: number;
}

/** Runs `body` and says what its operators took, the longest first. On a GPU, the time to queue them. Throws an Error when one is running already. */
export function profile<T>(body: () => T): { result: T; operators: OperatorTime[] } {
  native().profile(true);
  const operators: OperatorTime[] = [];
  try {
    return { result: body(), operators };
  } finally {
    operators.push(...(native().profile(false) as OperatorTime[]).sort((a, b) => b.seconds - a.seconds));
  }
}
