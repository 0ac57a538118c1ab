// Records what a run is made of while it trains, and what it came to at its end. It never stops or fails a training.

import { Worker } from "node:worker_threads";
import { runtime } from "@sparsecell/torch";
import sharp from "sharp";
import { thousandths } from "../data/coco/text.ts";
import type { Dataset } from "../data/dataset.ts";
import { imagePath } from "../data/dataset-folder.ts";
import { imageMarks } from "../data/image-marks.ts";
import { reason } from "../errors.ts";
import { sha256Of } from "../files/sha256.ts";
import { type Provenance, readProvenance, writeProvenance } from "../runs/provenance.ts";
import { sameSurroundings } from "../runs/provenance-differences.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import type { ProvenanceAnswer, ProvenanceQuestion } from "./provenance-thread.ts";

interface Learning {
  readonly dataset: Dataset;
  readonly config: Pick<TrainConfig, "weights" | "device">;
}

/** Hashes it all in a thread; `cancel` ends that. */
export function gatherProvenance({ dataset, config }: Learning): { provenance: Promise<Provenance>; cancel: () => void } {
  const { version, blas } = runtime();
  const workerData: ProvenanceQuestion = {
    images: dataset.images.map((image) => [image.fileName, imagePath(dataset.dir, image)]),
    weights: config.weights,
    device: config.device,
    libraries: { libtorch: version, Node: process.version, libvips: sharp.versions.vips ?? "unknown" },
    blas,
  };
  const thread = new Worker(new URL("./provenance-thread.js", import.meta.url), { workerData, execArgv: [] });
  const provenance = new Promise<ProvenanceAnswer>((resolve, reject) => {
    thread.on("message", resolve);
    thread.on("error", reject);
    thread.on("exit", () => reject(new Error("its thread has ended")));
  }).then(({ surroundings, weights, images }) => {
    const marks = imageMarks(dataset);
    return {
      ...surroundings,
      weights,
      ...(isRounded(dataset) ? {} : { unrounded: true }),
      images: Object.fromEntries(images.map(([name, file]) => [name, { file, marks: marks.get(name) as string }])),
    };
  });
  return { provenance, cancel: () => void thread.terminate() };
}

/** Whether all boxes are as files hold them, in thousandths of a pixel; those of a dataset made in memory, as by `demo`, are finer. */
const isRounded = ({ annotations }: Dataset): boolean =>
  annotations.every(({ box }) => box.every((value) => value === thousandths(value)));

/** Writes provenance.json of a run as soon as it is known, and completes it when the run is finished. */
export class ProvenanceRecord {
  readonly #run: RunFolder;
  readonly #written: Promise<string | null>;
  readonly #cancel: () => void;

  constructor(run: RunFolder, learning: Learning) {
    this.#run = run;
    const { provenance, cancel } = gatherProvenance(learning);
    this.#cancel = cancel;
    this.#written = provenance
      .then((now) => writeProvenance(run.dir, withEarlier(readProvenance(run.dir), now)))
      .then(
        () => null,
        (error) => reason(error),
      );
  }

  /** Returns why there is no record, or null. */
  async complete(): Promise<string | null> {
    try {
      const failed = await this.#written;
      const provenance = failed === null ? readProvenance(this.#run.dir) : null;
      if (provenance === null) return failed;
      const [model, log] = await Promise.all([sha256Of(this.#run.modelFile), sha256Of(this.#run.logFile)]);
      writeProvenance(this.#run.dir, { ...provenance, outcome: { model, log } });
      return null;
    } catch (error) {
      return reason(error);
    }
  }

  cancel(): void {
    this.#cancel();
  }
}

/** A resumed run keeps what it began with, and notes where it went on if that is elsewhere. */
function withEarlier(earlier: Provenance | null, now: Provenance): Provenance {
  if (earlier === null) return now;
  const { code, libraries, machine } = now;
  const last = earlier.resumed?.at(-1) ?? earlier;
  if (sameSurroundings(last, now)) return earlier;
  return { ...earlier, resumed: [...(earlier.resumed ?? []), { code, libraries, machine }] };
}
