// Steps whose numbers are none: no weight is touched, and a run that leaves them out is the same however it is interrupted.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { memory, scope } from "@sparsecell/torch";
import type { Dataset } from "../data/dataset.ts";
import { readImage } from "../data/image-file.ts";
import { Detector } from "../detector/detector.ts";
import type { Calibration } from "../methods/calibration.ts";
import { fpn } from "../methods/fpn.ts";
import { plain } from "../procedures/procedure.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import { Batches } from "./batches.ts";
import { Checkpoints } from "./checkpoints.ts";
import { tinyConfig, tinyDataset } from "./run.fixture.ts";
import { MOST_SKIPPED, train } from "./trainer.ts";

const root = mkdtempSync(join(tmpdir(), "trainer-"));
after(() => rmSync(root, { recursive: true }));

const STEPS = 3;
let dataset: Dataset;
before(async () => {
  dataset = await tinyDataset(root);
});

/** Weights of the loss of all RoIs times `factor` at those steps. */
function faulty(factor: number, steps: readonly number[], of = STEPS): Calibration {
  const plain = fpn();
  return {
    ...plain,
    calibrate(rois, moment) {
      const targets = plain.calibrate(rois, moment);
      const step = Math.round(moment.progress * of) + 1;
      return steps.includes(step) ? { ...targets, classWeight: targets.classWeight.map((weight) => weight * factor) } : targets;
    },
  };
}

function newRun(name: string, change: Partial<TrainConfig> = {}): RunFolder {
  const run = new RunFolder(join(root, name));
  run.create({ config: tinyConfig(dataset, { steps: STEPS, ...change }), versions: {}, started: "" });
  return run;
}

/** Goes on with the run until `stopAfter` steps are done; returns the notes. */
async function goOn(run: RunFolder, calibration: Calibration, stopAfter = Infinity): Promise<string[]> {
  const { config } = run.record();
  const detector = new Detector(config.detector, config);
  const notes: string[] = [];
  let done = 0;
  try {
    const { finished } = await train({
      config,
      detector,
      procedure: plain(calibration),
      batches: new Batches(dataset, config),
      run,
      onStep: ({ step }) => (done = step),
      onNote: (line) => notes.push(line),
      shouldStop: () => done === stopAfter,
    });
    if (finished)
      new Checkpoints(run.dir).write({ step: STEPS, model: detector.state(), momentum: new Map(), procedure: new Map() });
  } finally {
    detector.release();
  }
  return notes;
}
const bytes = (run: RunFolder): Buffer => readFileSync(join(run.dir, "checkpoint.safetensors"));
const step = (run: RunFolder): number | undefined => scope(() => new Checkpoints(run.dir).read()?.step);

test("a loss or a gradient that is no number ends the training before the weights; then it goes on as if nothing had been", async () => {
  const straight = newRun("straight");
  await goOn(straight, fpn());
  const { tensors } = memory();
  for (const [factor, what] of [
    [Number.NaN, "the roiClass is NaN"],
    [1e36, "the gradient norm is Infinity"], // the loss is finite
  ] as const) {
    const run = newRun(`stop-${factor}`, { batch: 1 });
    const [name] = (await new Batches(dataset, run.record().config).at(2)).names;
    await assert.rejects(goOn(run, faulty(factor, [2])), ({ message }: Error) => {
      assert.ok(
        message.startsWith(`step 2: ${what} on ${name}; the weights were not touched; the batch is in ${run.dir}`),
        message,
      );
      return message.endsWith(`npx sparsecell train --resume ${run.dir} --on-nonfinite skip`);
    });
    assert.deepEqual([step(run), memory().tensors], [1, tensors]);
    await goOn(run, fpn());
    assert.deepEqual([bytes(run), run.log()], [bytes(straight), straight.log()]);
  }
});

test("the batch that is saved is what the step saw", async () => {
  const run = newRun("batch", { batch: 2 });
  const { names, images, known } = await new Batches(dataset, run.record().config).at(1);
  await assert.rejects(goOn(run, faulty(Number.NaN, [1])));
  assert.equal(step(run), 0);
  const folder = join(run.dir, "nonfinite-step-1");
  assert.deepEqual(readdirSync(folder).sort(), ["batch.json", "image-1.png", "image-2.png"]);
  const saved = JSON.parse(readFileSync(join(folder, "batch.json"), "utf8"));
  assert.deepEqual([saved.step, saved.seed, saved.what], [1, 3, `the roiClass is NaN on ${names.join(", ")}`]);
  for (const [i, { file, name, boxes, labels }] of saved.images.entries()) {
    assert.deepEqual([name, boxes.flat(), labels], [names[i], [...known[i].boxes], [...known[i].labels]]);
    assert.deepEqual(await readImage(join(folder, file)), images[i]);
  }
});

test("with skip, the step is left out, said and logged, alike in a run that is interrupted after it", async () => {
  const [straight, interrupted] = ["skip", "skip-stopped"].map((name) => newRun(name, { onNonfinite: "skip" }));
  const calibration = faulty(Infinity, [2]);
  const notes = await goOn(straight, calibration);
  const [line] = straight.skippedSteps();
  assert.match(line.skipped, /^the roiClass is (Infinity|NaN) on ki67-\d+\.png$/);
  assert.deepEqual(notes, [`step 2 skipped: ${line.skipped}`]);
  assert.deepEqual([line.step, straight.log().map((entry) => entry.step), straight.stepTimes().length], [2, [1, 3], 3]);
  await goOn(interrupted, calibration, 1);
  await goOn(interrupted, calibration);
  const log = (run: RunFolder): string => readFileSync(join(run.dir, "log.jsonl"), "utf8");
  assert.deepEqual([bytes(interrupted), log(interrupted)], [bytes(straight), log(straight)]);
});

test("when every step is skipped, the training ends; a resumed one counts on", async () => {
  const steps = MOST_SKIPPED + 5;
  const run = newRun("hopeless", { onNonfinite: "skip", steps, checkpointEvery: MOST_SKIPPED - 1 });
  const all = faulty(
    Number.NaN,
    Array.from({ length: steps }, (_, i) => i + 1),
    steps,
  );
  const message = new RegExp(`^UserError: step ${MOST_SKIPPED + 1}: .* and the ${MOST_SKIPPED} steps before it were skipped`);
  await assert.rejects(goOn(run, all), message);
  assert.equal(step(run), MOST_SKIPPED);
  await assert.rejects(goOn(run, all), message);
});
