// `sparsecell train`: a detector from a dataset. Defaults are the paper's schedule (Li et al. 2021, section 4.1).

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { type Dataset, imagesOf } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { lockFolder } from "../../files/folder-lock.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { TrainConfig } from "../../settings/run-config.ts";
import { channelsLastOption, type DtypeChoice, dtypeOption, threadsOption } from "../options/machine.ts";
import { between, whole } from "../options/values.ts";
import { type StopSignal, trackStop } from "../terminal/stop-signal.ts";
import { METHODS, methodOption } from "./methods.ts";

interface Options {
  readonly method: string;
  readonly backbone: "resnet18" | "resnet34" | "resnet50" | "resnet101";
  readonly steps: number;
  readonly batch: number;
  readonly inputSize: number;
  readonly resize: "stretch" | "letterbox";
  readonly lr: number;
  readonly warmup: number;
  readonly clipGradient?: number;
  readonly seed: number;
  readonly weights?: string;
  readonly partialWeights?: true;
  readonly trainableLayers?: number;
  readonly rpnHeads: "shared" | "per-level";
  readonly anchors: "data" | "standard";
  readonly augment: boolean;
  readonly device: string;
  readonly dtype: DtypeChoice;
  readonly channelsLast: boolean;
  readonly threads?: number;
  readonly checkpointEvery?: number;
  readonly keepCheckpoints: number;
  readonly onNonfinite: "stop" | "skip";
  readonly out?: string;
  readonly resume?: string;
}

const EXAMPLE = `${METHODS}
Only images of the training split are used, and of their annotations those that "data sparsify" has not hidden. When the
dataset has a test split, the finished model is evaluated on it. One process at a time trains in a run's folder.

Ctrl-C, SIGTERM and SIGUSR1 end the training after the step at hand, with a checkpoint; a second one ends it at once. After
those, a kill, a power cut or a full disk, --resume goes on, and the model and log.jsonl are those of a run without them.

Exit codes: 0 trained and evaluated; 1 one line says what is wrong; 130 ended by SIGINT (Ctrl-C), 143 by SIGTERM, 138 by
SIGUSR1 (128 and the signal's number: 158 on macOS), each with the command to go on.

Example:
  $ npx sparsecell train data/ki67 --method bde --backbone resnet18 --steps 2000 --input-size 512 --lr 0.01 --out runs/bde
  $ npx sparsecell train --resume runs/bde`;

export function trainCommand(): Command {
  return new Command("train")
    .description("train a detector on a dataset folder")
    .argument("[dir]", "the dataset's folder (not with --resume)")
    .addOption(methodOption("bde"))
    .addOption(
      new Option("--backbone <name>", "ResNet below the feature pyramid")
        .choices(["resnet18", "resnet34", "resnet50", "resnet101"])
        .default("resnet50"),
    )
    .option("--steps <n>", "training steps; the learning rate falls to 1/10 at 50 % and again at 75 %", whole(1), 10000)
    .option("--batch <n>", "images of a step", whole(1), 1)
    .option("--input-size <pixels>", "side of the square that an image becomes", whole(32), 800)
    .addOption(
      new Option("--resize <how>", "stretch an image to that square, as the paper does, or letterbox: keep its aspect")
        .choices(["stretch", "letterbox"])
        .default("stretch"),
    )
    .option("--lr <rate>", "learning rate", between(0, 1000), 0.001)
    .option("--warmup <n>", "steps over which the learning rate rises", whole(0), 0)
    .option("--clip-gradient <norm>", "largest norm of all gradients together (default: no limit)", between(0, Infinity))
    .option("--seed <n>", "of weights, order, flips and sampling", whole(0), 0)
    .option("--weights <file>", "a ResNet's or a detector's weights (.pth or safetensors) to start the backbone from")
    .option("--partial-weights", "accept a --weights file that lacks some layers")
    .option(
      "--trainable-layers <n>",
      "stages of the backbone to train, from its end, 0 to 5 (default: 3 with --weights, else 5)",
      whole(0),
    )
    .addOption(
      new Option("--rpn-heads <kind>", "one first-stage head for all pyramid levels, or one each")
        .choices(["shared", "per-level"])
        .default("shared"),
    )
    .addOption(
      new Option("--anchors <kind>", "from the sizes of the annotated boxes, or torchvision's 32 to 512 pixels")
        .choices(["data", "standard"])
        .default("data"),
    )
    .option("--no-augment", "no random flips")
    .option("--device <name>", "cpu, cuda or cuda:N", "cpu")
    .addOption(dtypeOption())
    .addOption(channelsLastOption())
    .addOption(threadsOption())
    .option("--checkpoint-every <n>", "steps between checkpoints (default: a tenth of all)", whole(1))
    .option("--keep-checkpoints <n>", "the last so many stay; if the newest is damaged, the one before is taken", whole(1), 1)
    .addOption(
      new Option("--on-nonfinite <how>", "a step with a loss or gradient that is no number: stop before it, or skip it")
        .choices(["stop", "skip"])
        .default("stop"),
    )
    .option("--out <run>", "folder of the new run")
    .option("--resume <run>", "go on with an interrupted run (no other option but --on-nonfinite)")
    .addHelpText("after", EXAMPLE)
    .action(trainFromCommandLine);
}

async function trainFromCommandLine(dir: string | undefined, options: Options, command: Command): Promise<void> {
  const stop = trackStop(); // first: loading libtorch takes a moment
  try {
    await trainRun(requireRunFolder(dir, options, command), dir, { ...options, stop, command });
  } finally {
    stop.release();
  }
}

interface TrainOptions extends Options {
  readonly stop: StopSignal;
  readonly command: Command;
}

async function trainRun(out: string, dir: string | undefined, { stop, command, ...options }: TrainOptions): Promise<void> {
  const [{ prepareMachine }, { readDataset }, { RunFolder }, { runTraining }, { createProgress }] = await Promise.all([
    import("../prepare-machine.ts"),
    import("../../data/dataset-folder.ts"),
    import("../../runs/run-folder.ts"),
    import("../../train/run.ts"),
    import("../terminal/progress.ts"),
  ]);
  const run = new RunFolder(out);
  if (options.resume) run.record();
  else run.requireNew();
  const unlock = lockFolder(run.dir);
  try {
    if (options.resume && command.getOptionValueSource("onNonfinite") === "cli") run.setOnNonfinite(options.onNonfinite);
    const config = options.resume ? run.record().config : await newConfig(dir as string, options);
    const evaluateOnly = run.isFinished && !existsSync(evaluationFile(run));
    if (!evaluateOnly) run.requireUnfinished();
    prepareMachine(config);

    const dataset = readDataset(config.data);
    if (!evaluateOnly) {
      const progress = createProgress({ label: config.method, total: config.steps });
      const outcome = await runTraining({
        dataset,
        run,
        config,
        onStep: ({ step, loss, lr }) => progress.update(step, { loss: loss.toFixed(3), lr: String(Number(lr.toPrecision(3))) }),
        onNote: (line) => progress.log(line),
        shouldStop: () => stop.signal !== null,
      });
      if (!outcome.finished) {
        progress.finish(`stopped after step ${outcome.step} of ${config.steps}; go on with: ${run.resumeCommand}`);
        process.exitCode = stop.exitCode;
        return;
      }
      progress.finish();
    }
    const evaluated = await evaluateRun(run, { dataset, config, stop });
    if (!evaluated) {
      console.error(`stopped before the model was evaluated; go on with: ${run.resumeCommand}`);
      process.exitCode = stop.exitCode;
      return;
    }
    console.log(`model: ${run.modelFile}`);
  } finally {
    unlock();
  }
}

function requireRunFolder(dir: string | undefined, { out, resume }: Options, command: Command): string {
  if (resume) {
    const given = command.options.filter(
      (option) =>
        command.getOptionValueSource(option.attributeName()) === "cli" &&
        !["resume", "onNonfinite"].includes(option.attributeName()),
    );
    const surplus = [...(dir ? ["the dataset"] : []), ...given.map(({ long }) => long)];
    if (surplus.length > 0) throw new UserError(`train: --resume takes everything from the run; leave out ${surplus.join(", ")}`);
    return resume;
  }
  if (!dir) throw new UserError("train: which dataset? give its folder (see sparsecell train --help)");
  if (!out) throw new UserError("train: where to? give --out RUN, a folder for the new run");
  return out;
}

async function newConfig(dir: string, options: Options): Promise<TrainConfig> {
  const { readDataset } = await import("../../data/dataset-folder.ts");
  const { cellCategories } = await import("../../data/dataset.ts");
  const { defaultConfig } = await import("../../settings/detector-config.ts");
  const { anchorsFor } = await import("../../train/run.ts");
  const { runtime } = await import("@sparsecell/torch");
  const { resolve } = await import("node:path");
  const { chosenDtype } = await import("../prepare-machine.ts");

  const dataset = readDataset(dir);
  const input = { kind: options.resize, size: options.inputSize } as const;
  const trainableLayers = options.trainableLayers ?? (options.weights ? 3 : 5);
  if (trainableLayers > 5) throw new UserError("train: --trainable-layers is at most 5");
  return {
    data: resolve(dir),
    method: options.method,
    steps: options.steps,
    batch: options.batch,
    lr: options.lr,
    warmup: options.warmup,
    momentum: 0.9,
    weightDecay: 1e-4,
    clipGradient: options.clipGradient ?? null,
    augment: options.augment,
    seed: options.seed,
    weights: options.weights ? resolve(options.weights) : null,
    partialWeights: options.partialWeights ?? false,
    device: options.device,
    dtype: chosenDtype(options),
    channelsLast: options.channelsLast,
    threads: options.threads ?? runtime().threads,
    checkpointEvery: options.checkpointEvery ?? Math.max(1, Math.ceil(options.steps / 10)),
    keepCheckpoints: options.keepCheckpoints,
    onNonfinite: options.onNonfinite,
    detector: {
      ...defaultConfig,
      backbone: options.backbone,
      normalization: options.weights ? "frozen-batch-norm" : "group-norm",
      trainableLayers,
      classes: cellCategories(dataset).map(({ name }) => name),
      input,
      anchors: options.anchors === "data" ? anchorsFor(dataset, input) : defaultConfig.anchors,
      rpn: { ...defaultConfig.rpn, heads: options.rpnHeads },
    },
  };
}

const evaluationFile = ({ dir }: RunFolder): string => join(dir, "evaluation.json");

/** What ends an evaluation between two images. */
class Stopped extends Error {}

interface EvaluateOptions {
  readonly dataset: Dataset;
  readonly config: TrainConfig;
  readonly stop: StopSignal;
}

/**
 * The finished model on the dataset's test images, if it has any, to `detections.json` and then `evaluation.json` in the run and
 * as a table. False when it was stopped.
 */
async function evaluateRun(run: RunFolder, { dataset, config, stop }: EvaluateOptions): Promise<boolean> {
  const images = imagesOf(dataset, "test").length;
  if (images === 0) return true;
  if (stop.signal) return false;
  const { writeFileAtomic } = await import("../../files/atomic-write.ts");
  const { detectSplit, writeDetections } = await import("../../detect/dataset-split.ts");
  const { evaluationTable } = await import("../../evaluate/table.ts");
  const { createProgress } = await import("../terminal/progress.ts");
  const progress = createProgress({ label: "evaluate", total: images, unit: "image" });
  const result = await detectSplit({
    dataset,
    split: "test",
    model: run.modelFile,
    device: config.device,
    dtype: config.dtype,
    onImage: (done) => {
      if (stop.signal) throw new Stopped();
      progress.update(done);
    },
    onNote: (line) => progress.log(line),
  }).catch((error) => {
    if (error instanceof Stopped) return null;
    throw error;
  });
  if (result === null) return false;
  progress.finish();
  writeDetections(join(run.dir, "detections.json"), dataset, result);
  writeFileAtomic(evaluationFile(run), `${JSON.stringify(result.evaluation, null, 2)}\n`);
  console.log(evaluationTable(result.evaluation, new Map(dataset.categories.map(({ id, name }) => [id, name]))));
  return true;
}
