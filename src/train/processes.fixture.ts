// One of several processes for processes.test.ts: RANK and SPARSECELL_STORE say which, the arguments the run's folder and what it
// does. It prints one line of JSON.

import { Tensor } from "@sparsecell/torch";
import { placeOf } from "./process-place.ts";
import { Processes } from "./processes.ts";

const [dir, role] = process.argv.slice(2);
const place = placeOf(process.env, { hostname: "localhost" });
if (place === null) throw new Error("not one of several");
const processes = new Processes(place, { patience: role === "late" ? 1 : 300 });
await processes.recordWritten();
await processes.join(dir);
const print = (value: unknown): void => console.log(JSON.stringify(value));

try {
  switch (role) {
    case "sums": {
      const [x, y] = [[1, 2, 3], [4]].map((values) => {
        const tensor = Tensor.from(Float32Array.from(values, (value) => value * (1 + processes.rank)));
        tensor.requiresGrad = true;
        return tensor;
      });
      x.grad = Tensor.from(Float32Array.of(1, 10, 100 * processes.rank)); // y has none
      processes.sumGradients([x, y]);
      print({
        sum: processes.sum([1, processes.rank]),
        each: processes.each(10 * processes.rank),
        any: [processes.any(processes.rank === 1), processes.any(false)],
        gradients: [x, y].map(({ grad }) => grad?.numbers()),
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
  }
} catch (error) {
  print({ error: (error as Error).name === "UserError" ? (error as Error).message : String(error) });
  process.exit(1);
}
