// The time of a computation by operator, each with its floor: the time that its arithmetic or its memory traffic would take at the
// machine's full rate.

import { profile, scope } from "@sparsecell/torch";
import type { MachineRate } from "./machine-rate.ts";

export interface OperatorShare {
  /** libtorch's name without "aten::". */
  readonly name: string;
  readonly dtype: string;
  readonly calls: number;
  /** Without the operators it calls. */
  readonly seconds: number;
  /** At most `seconds`: an operator that only makes views moves no bytes. */
  readonly floor: number;
  readonly flops: number;
  readonly bytes: number;
}

export interface OperatorProfile {
  /** The time of the whole computation. */
  readonly seconds: number;
  readonly rate: MachineRate;
  /** Longest first. The rest of `seconds` is spent between operators. */
  readonly operators: readonly OperatorShare[];
}

/** Profiles `body` after two warm-up runs. */
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
