// `sparsecell train`: a detector from a dataset. Defaults are the paper's schedule (Li et al. 2021, section 4.1).

import { join } from "node:path";
import { Command, Option } from "commander";
import type { Dataset } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import type { TrainConfig } from "../train/config.ts";
import { METHODS, methodOption } from "./methods.ts";
import { between, whole } from "./option-values.ts";

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
  readonly dtype: "float32" | "bfloat16";
  readonly threads?: number;
  readonly checkpointEvery?: number;
  readonly out?: string;
  readonly resume?: string;
}

const EXAMPLE = `${METHODS}
Only images of the training split are used, and of their annotations those that "data sparsify" has not hidden. When the
dataset has a test split, the finished model is evaluated on it. Ctrl-C leaves a checkpoint to resume from.

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
    .option("--lr <rate>", "learning rate", between(0, Infinity), 0.001)
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
    .addOption(
      new Option("--dtype <name>", "of activations; weights and losses stay float32")
        .choices(["float32", "bfloat16"])
        .default("float32"),
    )
    .option("--threads <n>", "threads of libtorch (default: all cores)", whole(1))
    .option("--checkpoint-every <n>", "steps between checkpoints (default: a tenth of all)", whole(1))
    .option("--out <run>", "folder of the new run")
    .option("--resume <run>", "go on with an interrupted run")
    .addHelpText("after", EXAMPLE)
    .action(trainFromCommandLine);
}

async function trainFromCommandLine(dir: string | undefined, options: Options, command: Command): Promise<void> {
  const [{ prepareMachine }, { readDataset }, { RunFolder }, { runTraining }] = await Promise.all([
    import("./machine.ts"),
    import("../data/dataset-folder.ts"),
    import("../train/run-folder.ts"),
    import("../train/run.ts"),
  ]);
  const { createProgress } = await import("./progress.ts");
  const { trackStop } = await import("./stop-signal.ts");

  const run = new RunFolder(requireRunFolder(dir, options, command));
  if (!options.resume) run.requireNew();
  const config = options.resume ? run.record().config : await newConfig(dir as string, options);
  run.requireUnfinished();
  prepareMachine(config);

  const dataset = readDataset(config.data);
  const progress = createProgress({ label: config.method, total: config.steps });
  const stop = trackStop();
  const outcome = await runTraining({
    dataset,
    run,
    config,
    onStep: ({ step, loss, lr }) => progress.update(step, { loss: loss.toFixed(3), lr: String(Number(lr.toPrecision(3))) }),
    onNote: (line) => progress.log(line),
    shouldStop: () => stop.signal !== null,
  }).finally(() => stop.release());

  if (!outcome.finished) {
    progress.finish(
      `stopped after step ${outcome.step} of ${config.steps}; go on with: npx sparsecell train --resume ${run.dir}`,
    );
    process.exitCode = stop.exitCode;
    return;
  }
  progress.finish();
  await evaluateRun(run.dir, dataset, config);
  console.log(`model: ${run.modelFile}`);
}

function requireRunFolder(dir: string | undefined, { out, resume }: Options, command: Command): string {
  if (resume) {
    const given = command.options.filter(
      (option) => command.getOptionValueSource(option.attributeName()) === "cli" && option.attributeName() !== "resume",
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
  const { readDataset } = await import("../data/dataset-folder.ts");
  const { targetCategories } = await import("../data/dataset.ts");
  const { defaultConfig } = await import("../detector/config.ts");
  const { anchorsFor } = await import("../train/run.ts");
  const { runtime } = await import("@sparsecell/torch");
  const { resolve } = await import("node:path");

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
    dtype: options.dtype,
    threads: options.threads ?? runtime().threads,
    checkpointEvery: options.checkpointEvery ?? Math.max(1, Math.ceil(options.steps / 10)),
    detector: {
      ...defaultConfig,
      backbone: options.backbone,
      normalization: options.weights ? "frozen-batch-norm" : "group-norm",
      trainableLayers,
      classes: targetCategories(dataset).map(({ name }) => name),
      input,
      anchors: options.anchors === "data" ? anchorsFor(dataset, input) : defaultConfig.anchors,
      rpn: { ...defaultConfig.rpn, heads: options.rpnHeads },
    },
  };
}

/** The finished model on the dataset's test images, to `detections.json` and `evaluation.json` in the run and as a table. */
async function evaluateRun(dir: string, dataset: Dataset, config: TrainConfig): Promise<void> {
  if (!dataset.images.some((image) => image.split === "test")) return;
  const { writeFileAtomic } = await import("../atomic-write.ts");
  const { detectSplit, writeDetections } = await import("../experiment/test-split.ts");
  const { evaluationTable } = await import("../evaluate/table.ts");
  const { createProgress } = await import("./progress.ts");
  const images = dataset.images.filter((image) => image.split === "test").length;
  const progress = createProgress({ label: "evaluate", total: images, unit: "image" });
  const result = await detectSplit({
    dataset,
    split: "test",
    model: join(dir, "model.safetensors"),
    device: config.device,
    dtype: config.dtype,
    onImage: (done) => progress.update(done),
    onNote: (line) => progress.log(line),
  });
  progress.finish();
  writeDetections(join(dir, "detections.json"), dataset, result);
  writeFileAtomic(join(dir, "evaluation.json"), `${JSON.stringify(result.evaluation, null, 2)}\n`);
  console.log(evaluationTable(result.evaluation, new Map(dataset.categories.map(({ id, name }) => [id, name]))));
}
