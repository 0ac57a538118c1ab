// Everything that a training depends on. `TrainConfig` is what `config.json` in a run folder holds.

import { anyText, either, listOf, numberIn, objectOf, optional, type Shape, valuesOf } from "../files/json/shape.ts";
import { augmentation } from "./augmentation.ts";
import { shapeOf, type ValuesOf } from "./declarations.ts";
import { detectorSettings } from "./detector.ts";
import { dtypeChoice, machine } from "./machine.ts";
import { flag, number, oneOf, orNull, text, whole } from "./setting.ts";
import { validation } from "./validation.ts";
import { weightsChoices, weightsSettings } from "./weights.ts";

/** What is the same in all trainings that are compared. The defaults are the paper's (Li et al. 2021, section 4.1). */
export const schedule = {
  steps: whole(10_000, "training steps; the learning rate falls to 1/10 at 50 % and again at 75 %", [1], {
    flag: "--steps <n>",
  }),
  batch: whole(1, "images per step", [1], { flag: "--batch <n>", label: "images per step" }),
  lr: number(0.001, "learning rate", [0], {
    flag: "--lr <rate>",
    label: "learning rate (÷ 10 at 50 % and at 75 % of the steps)",
  }),
  warmup: whole(0, "steps over which the learning rate rises", [0], { flag: "--warmup <n>", label: "warm-up steps" }),
  momentum: number(0.9, "momentum of the optimizer", [0, 1]),
  weightDecay: number(1e-4, "weight decay of the optimizer", [0]),
  clipGradient: orNull(
    number(10, "largest norm of all gradients together", [0], { flag: "--clip-gradient <norm>", label: "largest gradient norm" }),
    "no limit",
  ),
  augment: flag(true, "random flips", { flag: "--no-augment", label: "random flips" }),
  ...augmentation,
  ...validation,
};

export const trainingSettings = {
  data: text("", "the dataset's folder"),
  test: orNull(
    text("", "a dataset with complete annotations to evaluate the finished model on: its test split, or all of it", {
      flag: "--test <dir>",
      label: "evaluated on",
      since: { version: "0.5.0", before: null },
    }),
    "the dataset's test split",
  ),
  method: text("bde", "the training method, options after a colon"),
  ...schedule,
  seed: whole(0, "seed of first weights, order of images, flips and sampling", [0], { flag: "--seed <n>" }),
  ...weightsSettings,
  ...machine,
  processes: whole(1, "processes that share the images of each step; they change its speed only", [1, 1024], {
    flag: "--processes <n>",
    since: { version: "0.6.0", before: 1 },
  }),
  checkpointEvery: whole(1000, "steps between checkpoints", [1], {
    flag: "--checkpoint-every <n>",
    auto: "a tenth of all",
  }),
  keepCheckpoints: whole(1, "number of checkpoints to keep; if the newest is damaged, the one before it is used", [1], {
    flag: "--keep-checkpoints <n>",
    since: { version: "0.3.0", before: 1 },
  }),
  onNonfinite: oneOf(["stop", "skip"], "when a loss or gradient is not finite: stop before that step, or skip it", {
    flag: "--on-nonfinite <how>",
    since: { version: "0.3.0", before: "stop" },
  }),
  detector: detectorSettings,
};

/** All settings of a training, as `config.json` of a run has them; see docs/reference/settings.md. */
export type TrainConfig = ValuesOf<typeof trainingSettings>;

/** Of `config.json`. It is read again weeks later, on other machines, after edits by hand. */
export const runRecordShape = objectOf({
  config: shapeOf(trainingSettings),
  dataset: optional(datasetShape()),
  plan: optional(listOf(objectOf({ what: anyText, chosen: anyText, reason: anyText }))),
  heldOut: optional(either(objectOf({ images: listOf(anyText) }), objectOf({ annotations: listOf(numberIn({ whole: true })) }))),
});

/** src/data/training-facts.ts says what it is. */
function datasetShape(): Shape {
  const counted = objectOf({ count: numberIn({ least: 0, whole: true }), digest: anyText });
  const side = numberIn({ least: 1 });
  return objectOf({
    images: counted,
    annotations: counted,
    regions: counted,
    categories: counted,
    classes: optional(valuesOf(numberIn({ least: 0, whole: true }))),
    imageSize: objectOf({ width: side, height: side, mpp: optional(numberIn({ least: 0 })) }),
  });
}

/** What the command line of `train` says in other words than a record: `auto`, and anchors by a rule. */
export const trainChoices = {
  ...weightsChoices,
  dtype: dtypeChoice,
  anchors: oneOf(["data", "standard"], "from the sizes of the annotated boxes, or torchvision's 32 to 512 pixels", {
    flag: "--anchors <kind>",
  }),
};
