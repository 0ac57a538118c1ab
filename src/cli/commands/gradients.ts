// `sparsecell gradients`: which layers does a method train better? The mean test gradient of every layer of trained runs.

import { basename, join, resolve } from "node:path";
import { Command, Option } from "commander";
import { trainingMethodNamed } from "../../procedures/index.ts";
import { machine } from "../../settings/machine.ts";
import { settingOption } from "../options/settings.ts";
import { whole } from "../options/values.ts";
import { methodList } from "./methods.ts";

interface Options {
  readonly data: string;
  readonly split: "train" | "test";
  readonly images?: number;
  readonly methods?: readonly string[];
  readonly loss: "all" | "second-stage";
  readonly device: string;
  readonly threads?: number;
  readonly out: string;
}

const EXAMPLE = `
RUN is a run folder, or the folder of a grid made by "sparsecell experiment --keep-models"; --data is then the grid's complete
dataset, and each run is given the images of its fold. Methods are compared layer by layer at each retention rate, over the
folds and seeds that all of them have. The loss is not calibrated; every annotation counts, including hidden ones.

Writes gradients.json (the mean of every layer and image) and, from it alone, gradients.svg, .png and .html. In the folder
"gradients" of a grid, "sparsecell report" finds them.

Example:
  $ npx sparsecell gradients runs/fpn runs/bde --data data/ki67 --images 20 --out gradients
  $ npx sparsecell gradients grids/mbm --data data/mbm --out grids/mbm/gradients`;

export function gradientsCommand(): Command {
  return new Command("gradients")
    .description("mean gradient of the test loss in every layer, and which method has the smallest")
    .argument("<run...>", "run folders, or the folder of a grid")
    .requiredOption("--data <dir>", "the dataset whose images are used")
    .addOption(new Option("--split <name>", "which of its images").choices(["train", "test"]).default("test"))
    .option("--images <n>", "at most this many images per run, spread evenly (default: all)", whole(1))
    .option("--methods <names>", "only runs of these methods, separated by commas (default: all)", (text: string) =>
      methodList(text).map((name) => trainingMethodNamed(name).name),
    )
    .addOption(
      new Option("--loss <which>", "the loss of both stages, or of the second alone (Eq. 1 of the paper)")
        .choices(["all", "second-stage"])
        .default("all"),
    )
    .addOption(settingOption(machine.device))
    .addOption(settingOption(machine.threads))
    .requiredOption("--out <dir>", "folder to write to")
    .addHelpText("after", EXAMPLE)
    .action(gradients);
}

async function gradients(paths: string[], options: Options): Promise<void> {
  const { data, split, images = null, methods: only = null, loss, device, out } = options;
  const [{ prepareMachine }, { readDataset }, { gradientRuns }, { analyseGradients, samplingSeed }, { versions }] =
    await Promise.all([
      import("../prepare-machine.ts"),
      import("../../data/dataset-folder.ts"),
      import("../../experiment/gradient-runs.ts"),
      import("../../experiment/gradient-analysis.ts"),
      import("../../train/run.ts"),
    ]);
  const [{ writeFileAtomic }, { gradientsFile, renderGradients }, { writeGradientPage }, { createProgress }] = await Promise.all([
    import("../../files/atomic-write.ts"),
    import("../../runs/gradients.ts"),
    import("../../publish/gradients.ts"),
    import("../terminal/progress.ts"),
  ]);
  prepareMachine(options);
  const dataset = readDataset(data);
  const { runs, methods } = gradientRuns(paths, { dataset, split, images, methods: only, onNote: (line) => console.error(line) });
  const total = runs.reduce((sum, run) => sum + run.images.length, 0);
  const progress = createProgress({ label: "gradients", total, unit: "image" });
  const analysed = await analyseGradients(runs, { dataset, loss, device, onImage: (done) => progress.update(done) });
  progress.finish();
  const file = join(out, gradientsFile);
  writeFileAtomic(
    file,
    renderGradients({
      dataset: basename(resolve(data)),
      split,
      loss,
      samplingSeed,
      versions: versions(),
      methods,
      runs: analysed,
    }),
  );
  const page = await writeGradientPage(file, out);
  const layers = analysed[0].layers.length;
  console.log(`${layers} layers of ${runs.length} run${runs.length === 1 ? "" : "s"}: ${file}`);
  if (page) console.log(`figure: ${page}`);
  else console.error("only one method at every rate: nothing to compare, so no figure");
}
