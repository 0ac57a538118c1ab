// How long a step of a training takes on this machine: a few real ones, of which nothing is kept.

import { backward, Sgd, scope, setThreads } from "@sparsecell/torch";
import type { Dataset } from "../data/dataset.ts";
import { Detector } from "../detector/detector.ts";
import { trainingMethodNamed } from "../procedures/index.ts";
import { stepRandom } from "../random.ts";
import type { TrainConfig } from "../settings/training.ts";
import { Batches } from "./batches.ts";

const WARM_UP = 2;
const TIMED = 4;

/** Seconds, the median of four steps of a process's share of a batch; and the windows that an epoch sees. Throws as a training does. */
export async function measuredPace(dataset: Dataset, config: TrainConfig): Promise<{ secondsPerStep: number; windows: number }> {
  setThreads(config.threads);
  const detector = new Detector(config.detector, config);
  const procedure = trainingMethodNamed(config.method).procedure(detector);
  const batches = new Batches(dataset, config, { ...procedure, share: { rank: 0, size: config.processes } });
  const optimizer = new Sgd(detector.parameters(), { ...config, lr: 0 });
  try {
    const seconds: number[] = [];
    for (let step = 1; step <= WARM_UP + TIMED; step++) {
      const start = performance.now();
      const batch = await batches.at(step);
      scope(() => {
        const { losses } = procedure.losses({ detector, batch, step, progress: 0, random: stepRandom(config.seed, step) });
        backward(Object.values(losses).reduce((sum, part) => sum.add(part)));
        optimizer.step();
        optimizer.zeroGrad();
      });
      if (step > WARM_UP) seconds.push((performance.now() - start) / 1000);
    }
    return { secondsPerStep: seconds.sort((a, b) => a - b)[TIMED >> 1], windows: batches.windows };
  } finally {
    batches.close();
    optimizer.release();
    procedure.release?.();
    detector.release();
  }
}
