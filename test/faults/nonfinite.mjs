// Losses and gradients that are not finite, at random steps: training stops before any weight changes, names the step and the
// images, and keeps the previous checkpoint and the batch; or, with "skip", skips the step, also in a run that is interrupted.
// And boxes for which no loss can be computed: refused, or with finite losses.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scope } from "@sparsecell/torch";
import { readDataset, writeDataset } from "../../dist/data/dataset-folder.js";
import { readImage } from "../../dist/data/image-file.js";
import { Detector } from "../../dist/detector/detector.js";
import { UserError } from "../../dist/errors.js";
import { calibrationNamed } from "../../dist/methods/index.js";
import { plain as plainProcedure } from "../../dist/procedures/procedure.js";
import { stepRandom } from "../../dist/random.js";
import { Batches } from "../../dist/train/batches.js";
import { Checkpoints, writeTensors } from "../../dist/train/checkpoints.js";
import { train } from "../../dist/train/trainer.js";
import { faultScript, randomNumbers } from "./fault-script.mjs";
import { outcome, preparedRun, requireSame, tinyDataset } from "./training.fixture.mjs";

const settings = { steps: 4, batch: 2, method: "fpn" };
const plain = calibrationNamed("fpn");
const kinds = {
  "NaN in the loss": { factor: Number.NaN, says: /the roiClass is NaN/ },
  "infinite loss": { factor: Infinity, says: /the roiClass is (Infinity|NaN)/ },
  "finite loss with a gradient that is not": { factor: 1e36, says: /the gradient norm is (Infinity|NaN)/ },
};

// [x, y, width, height]
const degenerate = [
  [10, 10, 0, 5],
  [10, 10, 5, 0],
  [10, 10, 0, 0],
  [10, 10, -5, 5],
  [10, 10, 5, -1e-9],
  [50, 50, 1e-6, 5],
  [50, 50, 1e-30, 5],
  [50, 50, 5, 1e-300],
  [50, 50, 1e300, 5],
  [-1e300, 0, 2e300, 5],
  [Number.NaN, 10, 5, 5],
  [10, 10, Number.NaN, 5],
  [10, 10, Infinity, 5],
  [-Infinity, 10, 5, 5],
  [70, 10, 5, 5],
  [-20, -20, 10, 10],
  [63.9999999, 10, 5, 5],
  [-4, 10, 8.0000001, 5],
  [0, 0, 64, 0.01],
];

/** A box as thin as 10⁻¹² pixels, somewhere in an image of 64 × 64. */
const thin = (random) => [60 * random(), 60 * random(), 10 ** (-12 * random()), 10 ** (1 - 6 * random())];

let detector; // for lossesWith

await faultScript({ short: 3, full: 30 }, async ({ count, seed, folder, trial, note }) => {
  const random = randomNumbers(seed);
  const dataset = await tinyDataset(folder);
  const run = (name, change) => preparedRun(join(folder, name), dataset, { ...settings, ...change });
  const clean = run("clean");
  await training(clean, dataset);
  const expected = outcome(clean);

  for (let i = 0; i < count; i++) {
    const [kind, { factor, says }] = Object.entries(kinds)[i % 3];
    const step = 1 + Math.floor(random() * settings.steps);
    const stopAt = Math.floor(random() * settings.steps);
    const faulty = weighted(factor, new Set([step, (step + 2) % settings.steps]));

    await trial(`${kind}: stops, and resuming without it gives the model of a clean run`, async () => {
      const stopped = run(`stop${i}`);
      const first = Math.min(...[step, (step + 2) % settings.steps].filter(Boolean));
      const error = await training(stopped, dataset, faulty).catch((caught) => caught);
      const batch = await new Batches(dataset, stopped.record().config).at(first);
      if (!(error instanceof UserError) || !says.test(error.message)) throw error;
      if (!error.message.startsWith(`step ${first}: `) || !batch.names.every((name) => error.message.includes(name))) throw error;
      await requireBatch(join(stopped.dir, `nonfinite-step-${first}`), batch);
      requireSame(
        scope(() => new Checkpoints(stopped.dir).read().step),
        first - 1,
        "step of the checkpoint",
      );
      await training(stopped, dataset);
      requireSame(outcome(stopped), expected, stopped.dir);
      rmSync(stopped.dir, { recursive: true });
    });
    await trial(`${kind}: skipped and counted, with the same result when the run is interrupted`, async () => {
      const straight = run(`skip${i}`, { onNonfinite: "skip" });
      await training(straight, dataset, faulty);
      const skipped = straight.skippedSteps().map((line) => line.step);
      requireSame(`${skipped}`, `${[step, (step + 2) % settings.steps].filter(Boolean).sort()}`, "skipped steps");
      requireSame(straight.log().length + skipped.length, settings.steps, "steps in the log");
      const interrupted = run(`interrupted${i}`, { onNonfinite: "skip" });
      await training(interrupted, dataset, faulty, stopAt);
      await training(interrupted, dataset, faulty);
      requireSame(outcome(interrupted), outcome(straight), interrupted.dir);
      for (const { dir } of [straight, interrupted]) rmSync(dir, { recursive: true });
    });
  }

  await trial("skipping ends when nothing else is left", async () => {
    const hopeless = run("hopeless", { onNonfinite: "skip", steps: 50 });
    const error = await training(hopeless, dataset, weighted(Number.NaN, null)).catch((caught) => caught);
    if (!/^step 21: .* and the 20 steps before it were skipped; the weights were not touched/.test(error.message)) throw error;
  });

  const told = { refused: 0, "finite losses": 0 };
  for (const way of ["annotations.json", "in memory"])
    for (const box of [...degenerate, ...Array.from({ length: 5 * count }, () => thin(random))])
      await trial(`degenerate boxes, ${way}: refused, or finite losses`, async () => {
        told[await lossesWith(box, { dataset, folder, way })]++;
      });
  note(
    `of the boxes, ${Object.entries(told)
      .map(([what, times]) => `${times} ${what}`)
      .join(", ")}`,
  );
});

/** Trains in this process until `stopAt` steps are done, and writes the model after the last step. */
async function training(run, dataset, calibration = plain, stopAt = Infinity) {
  const { config } = run.record();
  const detector = new Detector(config.detector, { seed: config.seed });
  let done = 0;
  try {
    const batches = new Batches(dataset, config);
    const onStep = ({ step }) => {
      done = step;
    };
    const ended = await train({
      config,
      detector,
      procedure: plainProcedure(calibration),
      batches,
      run,
      onStep,
      onNote: () => {},
      shouldStop: () => done >= stopAt,
    });
    if (ended.finished) writeTensors(run.modelFile, detector.state(), {});
  } finally {
    detector.release();
  }
}

/** The plain loss, but for those steps (null: for all), where every RoI's weight is multiplied. */
function weighted(factor, steps) {
  return {
    ...plain,
    calibrate(rois, moment) {
      const targets = plain.calibrate(rois, moment);
      const step = Math.round(moment.progress * settings.steps) + 1;
      return steps && !steps.has(step)
        ? targets
        : { ...targets, classWeight: targets.classWeight.map((weight) => weight * factor) };
    },
  };
}

/** Checks that the saved batch is the one that the step saw. */
async function requireBatch(folder, { names, images, known }) {
  const saved = JSON.parse(readFileSync(join(folder, "batch.json"), "utf8")).images;
  requireSame(`${saved.map(({ name }) => name)}`, `${names}`, "images of the batch");
  for (const [i, { file, boxes, labels }] of saved.entries()) {
    requireSame(`${boxes.flat()} ${labels}`, `${[...known[i].boxes]} ${[...known[i].labels]}`, `boxes of ${file}`);
    const { data } = await readImage(join(folder, file));
    if (Buffer.compare(data, images[i].data) !== 0) throw new Error(`${file} is another image`);
  }
}

/** The outcome of training with a box on every image: "refused" or "finite losses". */
async function lossesWith(box, { dataset, folder, way }) {
  const clean = JSON.parse(readFileSync(join(folder, "clean/config.json"), "utf8")).config;
  const config = { ...clean, batch: 2, seed: 3, augment: true };
  detector ??= new Detector(clean.detector, { seed: 1 });
  try {
    const batches = new Batches(way === "in memory" ? inMemory(dataset, box) : onDisk(dataset, box, folder), config);
    const random = stepRandom(3, 1);
    const { images, known } = await batches.at(1).finally(() => batches.close());
    const values = scope(() => {
      const losses = detector.losses(images, known, { calibration: plain, progress: 0, random });
      return Object.values(losses).map((loss) => loss.item());
    });
    if (values.every(Number.isFinite)) return "finite losses";
    throw new Error(`${box}: losses ${values.join(", ")}`);
  } catch (error) {
    if (error instanceof UserError) return "refused";
    throw new Error(`${box}: ${error instanceof Error ? error.message : error}`);
  }
}

function inMemory(dataset, [x, y, width, height]) {
  const boxes = dataset.images.map(({ id }, i) => ({
    id: 1000 + i,
    imageId: id,
    categoryId: 1,
    box: [x, y, x + width, y + height],
    hidden: false,
  }));
  return { ...dataset, annotations: [...dataset.annotations, ...boxes] };
}

function onDisk(dataset, box, folder) {
  const copy = writeDataset(dataset, join(folder, "boxes"));
  const file = join(copy.dir, "annotations.json");
  const coco = JSON.parse(readFileSync(file, "utf8"));
  for (const { id } of coco.images) coco.annotations.push({ id: 1000 + id, image_id: id, category_id: 1, bbox: box });
  const written = JSON.stringify(coco, (_, value) => (value === Infinity ? "1e999" : value === -Infinity ? "-1e999" : value));
  writeFileSync(file, written.replace(/"(-?1e999)"/g, "$1"));
  return readDataset(copy.dir);
}
