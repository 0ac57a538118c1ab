// The time a training step waits for its windows, which another thread makes while the previous step computes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesizeDataset } from "../data/synthetic/synthetic.ts";
import { defaultsOf } from "../settings/declarations.ts";
import { schedule } from "../settings/training.ts";
import { Batches } from "../train/batches.ts";
import type { BenchOptions } from "./bench-options.ts";
import { onSignal } from "./on-signal.ts";
import { trainingStep } from "./step.ts";
import { type Timing, timingOf } from "./timing.ts";

/** Of images twice as large as the network's input, with all that a plan does to them, and real training steps in between. */
export async function loading(options: BenchOptions): Promise<Timing> {
  const { size, batch, steps } = options;
  const parent = mkdtempSync(join(tmpdir(), "sparsecell-bench-"));
  const release = onSignal(() => rmSync(parent, { recursive: true, force: true }));
  try {
    const dir = join(parent, "images");
    const dataset = await synthesizeDataset({ kind: "ki67", images: 4, width: 2 * size, height: 2 * size, seed: 0, dir });
    const detector = { input: { kind: "resolution", window: size, mpp: null, scale: 0.5 } } as const;
    const strengths = { brightness: 0.5, contrast: 0.5, gamma: 0.5, stain: 0.5 };
    const augmentation = { ...defaultsOf(schedule), turns: true, zoom: 0.2, ...strengths };
    const batches = new Batches(dataset, { ...augmentation, batch, seed: 0, detector });
    const step = trainingStep(options);
    const all: number[] = [];
    for (let n = 1; n <= steps + 2; n++) {
      const start = performance.now();
      await batches.at(n);
      if (n > 2) all.push((performance.now() - start) / 1000);
      step();
    }
    batches.close();
    return timingOf(all);
  } finally {
    release();
    rmSync(parent, { recursive: true, force: true });
  }
}
