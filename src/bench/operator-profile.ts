// The time of a computation by operator, each with its floor: the time that its arithmetic or its memory traffic would take at the
// machine's full rate.

import { profile, scope } from "@sparsecell/torch";
import type { OperatorProfile } from "../runs/profile.ts";
import type { MachineRate } from "./machine-rate.ts";

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
