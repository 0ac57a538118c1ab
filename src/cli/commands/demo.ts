// `sparsecell demo`, what `npm start` runs: synthetic tissue with complete truth, 10 % of the training annotations kept, the plain
// FPN and methods for few annotations trained alike, all evaluated on held-out images, one page with what each found and missed.

import { join, resolve } from "node:path";
import { Command } from "commander";
import type { Dataset } from "../../data/dataset.ts";
import { shellWord } from "../../files/shell-word.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import { type ValuesOf, valuesWith } from "../../settings/declarations.ts";
import { demoSettings } from "../../settings/presets.ts";
import { schedule, type TrainConfig, trainingSettings } from "../../settings/training.ts";
import { givenSettings, settingOptions } from "../options/settings.ts";
import { between, whole } from "../options/values.ts";

const settings = {
  steps: { ...schedule.steps, default: demoSettings.steps, about: "training steps of each method" },
  batch: { ...schedule.batch, default: demoSettings.batch },
  seed: { ...trainingSettings.seed, default: 1, about: "seed of everything" },
};

interface Options {
  readonly out: string;
  readonly images: number;
  readonly size: number;
  readonly keep: number;
}

type DemoOptions = Options & ValuesOf<typeof settings>;

const EXAMPLE = `
Example:
  $ npx sparsecell demo --keep 0.2 --steps 600 --out demo-20`;

const OUT = "demo";

/** In the order of the table and the page. */
const METHODS = ["fpn", "bde", "completeness"];

export function demoCommand(): Command {
  const command = new Command("demo")
    .description("the whole story on synthetic tissue, in a few minutes: what npm start runs")
    .option("--out <dir>", "folder for data, runs and page; what an earlier demo left there is replaced", OUT)
    .option("--images <n>", "number of patches to make", whole(4), 64)
    .option("--size <pixels>", "side of a patch", whole(64), 256)
    .option("--keep <rate>", "retention rate: the part of the training annotations that stays visible", between(0.001, 1), 0.1);
  for (const option of settingOptions(settings)) command.addOption(option);
  return command
    .addHelpText("after", EXAMPLE)
    .action((options: Options) => demo({ ...options, ...valuesWith(settings, givenSettings(settings, options)) }));
}

async function demo(options: DemoOptions): Promise<void> {
  const [{ slowBlasWarning }, { takeDemoFolder }] = await Promise.all([import("@sparsecell/torch"), import("./demo-folder.ts")]);
  const [{ showComparison }, { trainingMethodNamed }, { listed }] = await Promise.all([
    import("./compare.ts"),
    import("../../procedures/index.ts"),
    import("../../report/document/words.ts"),
  ]);
  const warning = slowBlasWarning();
  if (warning) console.error(warning);

  const { out, keep } = options;
  takeDemoFolder(out); // for as long as the process lives
  const command = commandText(options);
  const dataset = await sparseTissue(options);
  const runs: RunFolder[] = [];
  for (const method of METHODS) {
    const run = await train(method, { dataset, options, command });
    if (run === null) return; // interrupted
    runs.push(run);
  }
  const percent = Number((100 * keep).toPrecision(3));
  await showComparison({
    dataset,
    runs,
    title: `${listed(METHODS.map((method) => trainingMethodNamed(method).label))} on ${percent} % of the annotations`,
    command,
    out: join(out, "report.html"),
  });
}

/** Drawn tissue with all of its cells in `complete`, and what the trainings may see of it in `sparse`. */
async function sparseTissue({ out, images, size, keep, seed }: DemoOptions): Promise<Dataset> {
  const [{ synthesizeDataset }, { sparsify }, { writeDataset }, { createProgress }] = await Promise.all([
    import("../../data/synthetic/synthetic.ts"),
    import("../../data/sparsify.ts"),
    import("../../data/dataset-folder.ts"),
    import("../terminal/progress.ts"),
  ]);
  const progress = createProgress({ label: "tissue", total: images, unit: "image" });
  const complete = await synthesizeDataset({
    kind: "ki67",
    images,
    width: size,
    height: size,
    seed,
    dir: join(out, "complete"),
    onImage: (done) => progress.update(done),
  });
  progress.finish();
  return writeDataset(sparsify(complete, { keep, seed }), join(out, "sparse"));
}

interface Training {
  readonly dataset: Dataset;
  readonly options: DemoOptions;
  readonly command: string;
}

/** Null when it was stopped. */
async function train(method: string, { dataset, options, command }: Training): Promise<RunFolder | null> {
  const [{ RunFolder }, { runTraining }, { createProgress }, { trackStop }] = await Promise.all([
    import("../../runs/run-folder.ts"),
    import("../../train/run.ts"),
    import("../terminal/progress.ts"),
    import("../terminal/stop-signal.ts"),
  ]);
  const { out, steps } = options;
  const run = new RunFolder(join(out, "runs", method));
  const config = await configOf(method, dataset, options);
  const progress = createProgress({ label: method, total: steps });
  const stop = trackStop();
  const outcome = await runTraining({
    dataset,
    run,
    config,
    onStep: ({ step, loss }) => progress.update(step, { loss: loss.toFixed(3) }),
    onNote: (line) => progress.log(line),
    shouldStop: () => stop.signal !== null,
  }).finally(() => stop.release());
  if (!outcome.finished) {
    progress.finish(`stopped after step ${outcome.step} of ${steps} of the ${method} training; start again with: ${command}`);
    process.exitCode = stop.exitCode;
    return null;
  }
  progress.finish();
  return run;
}

async function configOf(method: string, dataset: Dataset, { steps, batch, seed }: DemoOptions): Promise<TrainConfig> {
  const [{ runtime }, { runConfig }] = await Promise.all([import("@sparsecell/torch"), import("../../train/run-config.ts")]);
  const shared = {
    ...demoSettings,
    steps,
    batch,
    warmup: Math.min(50, Math.ceil(steps / 10)),
  };
  return runConfig(dataset, shared, {
    data: resolve(dataset.dir),
    method,
    seed,
    weights: null,
    device: "cpu",
    threads: runtime().threads,
    checkpointEvery: steps,
  });
}

function commandText({ out, images, size, keep, steps, batch, seed }: DemoOptions): string {
  const folder = out === OUT ? "" : ` --out ${shellWord(out)}`;
  return `npx sparsecell demo --images ${images} --size ${size} --keep ${keep} --steps ${steps} --batch ${batch} --seed ${seed}${folder}`;
}
