// What a computation's time goes into, operator by operator, each beside its floor: the time that its arithmetic, or the bytes
// that it moves, takes at the rate that the machine reaches.

import { profile, scope } from "@sparsecell/torch";
import type { MachineRate } from "./machine-rate.ts";

export interface OperatorShare {
  /** libtorch's, without "aten::". */
  readonly name: string;
  readonly dtype: string;
  readonly calls: number;
  /** Its own, without operators that it calls. */
  readonly seconds: number;
  /** Never more than `seconds`: an operator that only looks at its tensors moves nothing. */
  readonly floor: number;
  readonly flops: number;
  readonly bytes: number;
}

export interface OperatorProfile {
  /** Of the whole computation. */
  readonly seconds: number;
  readonly rate: MachineRate;
  /** The longest first. What is missing to `seconds` is our own code between them. */
  readonly operators: readonly OperatorShare[];
}

/** Runs `body` twice to warm up, then once. */
export function profiled(body: () => void, rate: MachineRate): OperatorProfile {
  body();
  body();
  const start = performance.now();
  const { operators } = profile(() => scope(body));
  const seconds = (performance.now() - start) / 1000;
  return {
    seconds,
    rate,
    operators: operators.map(({ name, dtype, calls, seconds, flops, bytes }) => ({
      name: name.replace("aten::", ""),
      dtype,
      calls,
      seconds,
      floor: Math.min(seconds, Math.max(flops / rate.flops, bytes / rate.bytes)),
      flops,
      bytes,
    })),
  };
}
