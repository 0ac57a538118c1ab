// What the seam above the calibration carries: named losses, a memory, a teacher and a second view, a hook before the optimizer;
// each through the trainer, its log and its checkpoints.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { memory, noGrad, readWeights, scope, type Tensor } from "@sparsecell/torch";
import type { Dataset } from "../data/dataset.ts";
import { Detector } from "../detector/detector.ts";
import { counting } from "../methods/calibration.fixture.ts";
import type { Calibration, NamedArrays } from "../methods/calibration.ts";
import { completeness } from "../methods/completeness.ts";
import { fpn } from "../methods/fpn.ts";
import { plain, type View } from "../procedures/procedure.ts";
import { Teacher } from "../procedures/teacher.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import { Checkpoints } from "./checkpoints.ts";
import { advance as advanceTo, checkpointBytes, type Make, trainedInParts } from "./interrupted.fixture.ts";
import { tinyConfig, tinyDataset } from "./run.fixture.ts";
import { runTraining } from "./run.ts";

const root = mkdtempSync(join(tmpdir(), "procedure-"));
after(() => rmSync(root, { recursive: true }));

const STEPS = 4;
let dataset: Dataset;
before(async () => {
  dataset = await tinyDataset(root);
});

const advance = (run: RunFolder, make: Make): Promise<void> => advanceTo(dataset, run, make, STEPS);

/** All of a training but its last step, in one go or in two. */
const trained = (
  name: string,
  make: Make,
  { interrupted = false, ...change }: Partial<TrainConfig> & { interrupted?: boolean } = {},
): Promise<RunFolder> => {
  const stops = interrupted ? [2, STEPS - 1] : [STEPS - 1];
  return trainedInParts(dataset, join(root, name), make, { steps: STEPS, stops, ...change });
};
const partsOf = (run: RunFolder): string[] => Object.keys(run.log()[0].parts);
const detectorParts = ["rpnClass", "rpnBox", "roiClass", "roiBox"];

/** The detector's losses and one more, a multiple of the second stage's box loss. */
const withPrior =
  (factor: number): Make =>
  () => {
    const inner = plain(fpn());
    return {
      ...inner,
      losses(step) {
        const { losses, observed } = inner.losses(step);
        return { losses: { ...losses, prior: losses.roiBox.mul(factor) }, observed };
      },
    };
  };

test("a method may add a loss: it is minimised, checked and logged under its name", async () => {
  const [none, some] = [await trained("prior0", withPrior(0)), await trained("prior1", withPrior(1))];
  assert.deepEqual(partsOf(some), [...detectorParts, "prior"]);
  for (const { loss, parts } of some.log()) {
    assert.equal(parts.prior, parts.roiBox);
    assert.ok(Math.abs(loss - Object.values(parts).reduce((sum, part) => sum + part)) < 1e-9);
  }
  assert.deepEqual(none.log()[0].parts.roiBox, some.log()[0].parts.roiBox, "one start");
  assert.notDeepEqual(none.log()[1].parts.roiBox, some.log()[1].parts.roiBox, "another gradient");
  await assert.rejects(trained("infinite", withPrior(Infinity)), /UserError: step 1: the prior is Infinity/);
  const reserved: Make = () => ({ losses: (step) => ({ losses: { loss: plain(fpn()).losses(step).losses.roiBox } }) });
  await assert.rejects(trained("reserved", reserved), /a loss cannot be named "loss"/);
});

test("a calibration's memory changes once a step, is in the checkpoint, and comes back to the same bits", async () => {
  const straight = await trained("memory", () => plain(counting), { batch: 2 });
  const resumed = await trained("memory-resumed", () => plain(counting), { batch: 2, interrupted: true });
  assert.deepEqual(checkpointBytes(resumed), checkpointBytes(straight));
  const state = scope(() => new Checkpoints(straight.dir).read()?.procedure.get("calibration.counts")?.numbers()) ?? [];
  assert.equal(state.length, 2);
  assert.ok(state[1] > 2 * 32 * 2, "it has counted the RoIs of both images of several steps");

  await assert.rejects(
    advance(straight, () => plain(fpn())),
    /checkpoint does not fit .* expected a state of 0 arrays, got 1/,
  );
  const other = await trained("memory-none", () => plain(fpn()));
  await assert.rejects(
    advance(other, () => plain(counting)),
    /checkpoint does not fit .* calibration\.counts: expected 2 numbers/,
  );
});

test("completeness counts twice and holds, resumed or not", async () => {
  const make: Make = () => plain(completeness({ until: 0.5 }));
  const straight = await trained("completeness", make, { batch: 2 });
  const resumed = await trained("completeness-resumed", make, { batch: 2, interrupted: true });
  assert.deepEqual(checkpointBytes(resumed), checkpointBytes(straight));
  assert.deepEqual(resumed.log(), straight.log());
});

test("a procedure looks after the parts of the training that it names, the last step included", async () => {
  const looked: number[] = [];
  let steps = 0;
  const make: Make = () => {
    const inner = plain(fpn());
    return {
      ...inner,
      looks: [0.25, 1],
      afterStep(...step) {
        steps++;
        inner.afterStep?.(...step);
      },
      look: () => looked.push(steps),
    };
  };
  const run = new RunFolder(join(root, "looks"));
  run.create({ config: tinyConfig(dataset, { steps: STEPS }), versions: {}, started: "" });
  await advance(run, make);
  assert.deepEqual(looked, [1, STEPS]);
});

test("all images of a step see the state before the step; both stages are added up", async () => {
  const seen: { progress: number; counts: number[]; rois: number }[] = [];
  const calibrate: Calibration["calibrate"] = (rois, context) => {
    seen.push({ progress: context.progress, counts: [...context.state.counts], rois: rois.labels.length });
    return counting.calibrate(rois, context);
  };
  await trained("before", () => plain({ ...counting, calibrate, calibrateAnchors: calibrate }), { batch: 2 });
  assert.equal(seen.length, 4 * (STEPS - 1), "two images, two stages");
  let counts = [1, 2];
  for (let step = 0; step < STEPS - 1; step++) {
    const asked = seen.slice(4 * step, 4 * step + 4);
    for (const ask of asked) assert.equal(ask.counts[1], counts[1]);
    counts = [0, 0.9 * counts[1] + asked.reduce((sum, { rois }) => sum + rois, 0)];
  }
});

test("a calibration's memory reports to the log, and at the end says a line and scales the scores", async () => {
  const reporting: Calibration = {
    ...counting,
    memory: {
      initial: () => ({ counts: Float64Array.of(1, 2) }),
      next: ({ counts }) => ({ counts: Float64Array.of(counts[0] + 1, 2) }),
      report: ({ counts }) => ({ steps: counts[0] - 1 }),
      conclude: ({ counts }) => ({ note: `after ${counts[0] - 1} steps`, scoreOdds: 0.5 }),
    },
  };
  const notes: string[] = [];
  const [reported, silent] = ["reported", "silent"].map((name) => new RunFolder(join(root, name)));
  const config = tinyConfig(dataset, { steps: 2 });
  for (const [run, calibration] of [
    [reported, reporting],
    [silent, { ...reporting, memory: counting.memory }],
  ] as const)
    await runTraining({
      dataset,
      run,
      config,
      onStep: () => {},
      onNote: (line) => notes.push(line),
      shouldStop: () => false,
      procedure: () => plain(calibration),
    });
  assert.deepEqual(
    reported.log().map(({ report }) => report),
    [{ steps: 1 }, { steps: 2 }],
  );
  assert.ok(silent.log().every((entry) => !("report" in entry)));
  assert.deepEqual(
    notes.filter((line) => line.startsWith("after")),
    ["after 2 steps"],
  );
  const bias = (run: RunFolder) =>
    Buffer.from(readWeights(run.modelFile).tensors.get("roi_heads.box_predictor.cls_score.bias")?.data ?? []);
  assert.ok(bias(reported).length > 0);
  assert.notDeepEqual(bias(reported), bias(silent));
});

/** A mean teacher: the student's objectness on one view is drawn to the teacher's. */
const meanTeacher: Make = (detector) => {
  const inner = plain(fpn());
  const teacher = new Teacher(detector, 0.9);
  return {
    losses(step) {
      const { losses } = inner.losses(step);
      const { images } = step.batch;
      const wanted = noGrad(() => scope(() => teacher.detector.firstStage(images, "train").output.logits[0]));
      const consistency = scope(() => {
        const difference = detector.firstStage(images, "train").output.logits[0].sub(wanted);
        return difference.mul(difference).mean();
      });
      return { losses: { ...losses, consistency } };
    },
    afterStep: () => teacher.update(detector),
    state: () => teacher.state(),
    loadState: (state) => teacher.loadState(state),
    release: () => teacher.release(),
  };
};

test("a teacher averages the student's weights, is in the checkpoint, and comes back to the same bits", async () => {
  const before = memory().tensors;
  const straight = await trained("teacher", meanTeacher);
  const resumed = await trained("teacher-resumed", meanTeacher, { interrupted: true });
  assert.equal(memory().tensors, before, "no tensor is left");
  assert.deepEqual(partsOf(straight), [...detectorParts, "consistency"]);
  assert.equal(straight.log()[0].parts.consistency, 0, "it starts as a copy");
  assert.ok(straight.log()[1].parts.consistency > 0, "and lags behind");
  assert.deepEqual(checkpointBytes(resumed), checkpointBytes(straight));
});

test("a teacher's weights are 0.9 of what they were and 0.1 of the student's", () => {
  const { detector: config } = tinyConfig(dataset);
  const student = new Detector(config, { seed: 1 });
  const other = new Detector(config, { seed: 2 });
  const teacher = new Teacher(student, 0.9);
  teacher.update(other);
  const name = "roi_heads.box_predictor.cls_score.weight";
  const [mean, a, b] = [teacher.detector, student, other].map((each) => (each.state().get(name) as Tensor).numbers());
  mean.forEach((value, i) => assert.ok(Math.abs(value - (0.9 * a[i] + 0.1 * b[i])) < 1e-7));
  assert.equal(teacher.detector.parameters().size, 0);
  assert.throws(() => new Teacher(student, 1), /expected a decay in \[0, 1\), got 1/);
  for (const each of [student, other, teacher]) each.release();
});

test("a second view shows the same images, augmented another time", async () => {
  const views: string[] = [];
  const make: Make = () => ({
    secondView: true,
    losses(step) {
      const second = step.batch.second as View;
      const sorted = (data: Uint8Array) => Buffer.from(data).sort();
      assert.deepEqual(sorted(second.images[0].data), sorted(step.batch.images[0].data), "the same pixels");
      assert.equal(second.known[0].boxes.length, step.batch.known[0].boxes.length);
      views.push(Buffer.compare(second.images[0].data, step.batch.images[0].data) === 0 ? "same" : "flipped");
      return plain(fpn()).losses(step);
    },
  });
  await trained("view", make);
  assert.ok(views.includes("flipped"), views.join(", "));
});

test("a hook between backward and the optimizer sees every gradient, and what it leaves is what the step takes", async () => {
  const hooked =
    (factor: number): Make =>
    () => ({
      ...plain(fpn()),
      afterBackward({ detector }) {
        for (const [name, weight] of detector.parameters()) {
          assert.ok(weight.grad, name);
          weight.grad.mul_(factor);
        }
      },
    });
  const [still, usual, without] = [
    await trained("hook0", hooked(0), { weightDecay: 0 }),
    await trained("hook1", hooked(1)),
    await trained("hook-none", () => plain(fpn())),
  ];
  assert.deepEqual(checkpointBytes(usual), checkpointBytes(without));
  const weights = (run: RunFolder) =>
    scope(() => new Checkpoints(run.dir).read()?.model.get("rpn.head.cls_logits.weight")?.numbers());
  const detector = new Detector(still.record().config.detector, still.record().config);
  assert.deepEqual(
    weights(still),
    detector.state().get("rpn.head.cls_logits.weight")?.numbers(),
    "without gradients nothing moves",
  );
  detector.release();
});

test("a step that is skipped changes no memory", async () => {
  const states: NamedArrays[] = [];
  const make: Make = () => {
    const inner = plain(counting);
    return {
      ...inner,
      losses(step) {
        const { losses, observed } = inner.losses(step);
        return { losses: step.step === 2 ? { ...losses, prior: losses.roiBox.mul(Infinity) } : losses, observed };
      },
      afterStep(step, observed) {
        states.push(observed);
        inner.afterStep?.(step, observed);
      },
    };
  };
  await trained("skipped", make, { onNonfinite: "skip" });
  assert.equal(states.length, STEPS - 2);
});
