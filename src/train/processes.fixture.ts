// One of several processes for processes.test.ts: RANK and SPARSECELL_STORE say which, the arguments the run's folder and what it
// does. It prints one line of JSON.

import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { Tensor } from "@sparsecell/torch";
import { placeOf } from "./process-place.ts";
import { PATIENCE, Processes } from "./processes.ts";

const [dir, role] = process.argv.slice(2);
const place = placeOf(process.env, { hostname: "localhost" });
if (place === null) throw new Error("not one of several");
const patience = { late: 1, summing: PATIENCE }[role] ?? 300;
const processes = new Processes(place, { patience });
await processes.recordWritten();
await processes.join(dir);
const print = (value: unknown): void => console.log(JSON.stringify(value));

/** A tensor with a gradient, or without one. */
function withGradient(values: Float32Array | Float64Array, gradient: Float32Array | Float64Array | null): Tensor {
  const tensor = Tensor.from(values);
  tensor.requiresGrad = true;
  if (gradient) tensor.grad = Tensor.from(gradient);
  return tensor;
}

/** More elements than the processes hand over at once. */
const MANY = 5_000_001;

/** What rounds otherwise in another order of a sum. */
const uneven = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i + 1) / (1 + processes.rank));

try {
  switch (role) {
    case "sums": {
      const { rank } = processes;
      const weights = [
        withGradient(new Float32Array(3), Float32Array.of(1, 10, 100 * rank)),
        withGradient(new Float32Array(1), null),
        withGradient(new Float64Array(2), Float64Array.of(2 ** 40 + rank, 0.5)),
        withGradient(
          new Float32Array(MANY),
          Float32Array.from({ length: MANY }, (_, i) => (i % 1000) * (1 + rank)),
        ),
        withGradient(new Float32Array(MANY), uneven(MANY)),
      ];
      processes.sumGradients(weights);
      const [x, y, z, large, rounded] = weights.map(({ grad }) => grad?.numbers() ?? []);
      print({
        sum: processes.sum([1, rank]),
        each: processes.each(10 * rank),
        any: [processes.any(rank === 1), processes.any(false)],
        gradients: [x, y, z],
        thousands: [large.length, large[0], large[1], large[999], large.every((value, i) => value === large[i % 1000])],
        rounded: createHash("sha256").update(Float32Array.from(rounded)).digest("hex"),
        images: [0, 1, 2].map((n) => processes.imageOf(n)),
      });
      processes.leave();
      break;
    }
    case "same":
      processes.requireSame("00000000000a", { step: 1, slack: 0 });
      processes.requireSame(processes.rank === 0 ? "00000000000a" : "00000000000b", { step: 2, slack: 0 });
      break;
    case "late":
      processes.sum([1]);
      if (processes.rank === 1) await new Promise((resolve) => setTimeout(resolve, 300_000)); // the other ends it by its end
      processes.sum([1]);
      break;
    case "ends":
      processes.sum([1]);
      if (processes.rank === 1) process.kill(process.pid, "SIGKILL");
      processes.sum([1]);
      break;
    case "killed in a sum":
      sumForEver(() => {
        if (processes.rank === 1) new Worker("process.kill(process.pid, 'SIGKILL')", { eval: true });
      });
      break;
    case "summing": // for test/faults/processes.mjs
      sumForEver(() => process.stderr.write("summing\n"));
  }
} catch (error) {
  print({ error: (error as Error).name === "UserError" ? (error as Error).message : String(error) });
  process.exit(1);
}

/** `onFirst` is called after the first sum. */
function sumForEver(onFirst: () => void): never {
  const weight = withGradient(new Float32Array(MANY), uneven(MANY));
  processes.sumGradients([weight]);
  onFirst();
  for (;;) processes.sumGradients([weight]);
}
