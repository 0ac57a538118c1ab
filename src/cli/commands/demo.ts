// `sparsecell demo`, what `npm start` runs: synthetic tissue with complete truth, 10 % of the training annotations kept, the
// plain FPN and FPN + BDE trained alike, both evaluated on held-out images, one page with what each found and missed.

import { join, resolve } from "node:path";
import { Command } from "commander";
import type { TrainConfig } from "../../settings/run-config.ts";
import { between, whole } from "../options/values.ts";

interface Options {
  readonly out: string;
  readonly images: number;
  readonly size: number;
  readonly keep: number;
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
}

const EXAMPLE = `
Example:
  $ npx sparsecell demo --keep 0.2 --steps 600 --out demo-20`;

export function demoCommand(): Command {
  return new Command("demo")
    .description("the whole story on synthetic tissue, in some minutes: what npm start runs")
    .option("--out <dir>", "folder for data, runs and page; what an earlier demo left there is replaced", "demo")
    .option("--images <n>", "patches to make", whole(4), 64)
    .option("--size <pixels>", "side of a patch", whole(64), 256)
    .option("--keep <rate>", "part of the training annotations that stays visible", between(0.001, 1), 0.1)
    .option("--steps <n>", "training steps of each method", whole(1), 200)
    .option("--batch <n>", "images of a step", whole(1), 2)
    .option("--seed <n>", "of everything", whole(0), 1)
    .addHelpText("after", EXAMPLE)
    .action(demo);
}

async function demo({ out, images, size, keep, steps, batch, seed }: Options): Promise<void> {
  const [
    { runtime, slowBlasWarning },
    { synthesizeDataset },
    { sparsify },
    { writeDataset },
    { defaultConfig },
    { RunFolder },
    { anchorsFor, runTraining },
    { createProgress },
    { trackStop },
    { takeDemoFolder },
  ] = await Promise.all([
    import("@sparsecell/torch"),
    import("../../data/synthetic/synthetic.ts"),
    import("../../data/sparsify.ts"),
    import("../../data/dataset-folder.ts"),
    import("../../settings/detector-config.ts"),
    import("../../runs/run-folder.ts"),
    import("../../train/run.ts"),
    import("../terminal/progress.ts"),
    import("../terminal/stop-signal.ts"),
    import("./demo-folder.ts"),
  ]);
  const { showComparison } = await import("./compare.ts");
  const warning = slowBlasWarning();
  if (warning) console.error(warning);

  const command = `npx sparsecell demo --images ${images} --size ${size} --keep ${keep} --steps ${steps} --batch ${batch} --seed ${seed}`;
  takeDemoFolder(out); // for as long as the process lives
  const making = createProgress({ label: "tissue", total: images, unit: "image" });
  const complete = await synthesizeDataset({
    kind: "ki67",
    images,
    width: size,
    height: size,
    seed,
    dir: join(out, "complete"),
    onImage: (done) => making.update(done),
  });
  making.finish();
  const dataset = writeDataset(sparsify(complete, { keep, seed }), join(out, "sparse"));
  const input = { kind: "stretch", size } as const;

  const runs: InstanceType<typeof RunFolder>[] = [];
  for (const method of ["fpn", "bde"]) {
    const run = new RunFolder(join(out, "runs", method));
    const config: TrainConfig = {
      data: resolve(dataset.dir),
      method,
      steps,
      batch,
      lr: 0.02,
      warmup: Math.min(50, Math.ceil(steps / 10)),
      momentum: 0.9,
      weightDecay: 1e-4,
      clipGradient: 10,
      augment: true,
      seed,
      weights: null,
      partialWeights: false,
      device: "cpu",
      dtype: "float32",
      channelsLast: true,
      threads: runtime().threads,
      checkpointEvery: steps,
      keepCheckpoints: 1,
      onNonfinite: "stop",
      detector: {
        ...defaultConfig,
        backbone: "resnet18",
        normalization: "group-norm",
        classes: dataset.categories.map(({ name }) => name),
        input,
        anchors: anchorsFor(dataset, input),
        roi: { ...defaultConfig.roi, representationSize: 256 }, // a slim second stage, for time
      },
    };
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
      progress.finish(`stopped after step ${outcome.step} of ${steps} of the ${method} training; begin again with: ${command}`);
      process.exitCode = stop.exitCode;
      return;
    }
    progress.finish();
    runs.push(run);
  }
  const percent = Number((100 * keep).toPrecision(3));
  await showComparison({
    dataset,
    runs,
    title: `FPN and FPN + BDE on ${percent} % of the annotations`,
    command,
    out: join(out, "report.html"),
  });
}
