// `sparsecell data …`: makes datasets and shows them. What is slow to load (above all image decoding) is imported by the action
// that needs it, so that --help is quick.

import { Command, InvalidArgumentError, Option } from "commander";
import type { Bias } from "../../data/bias/biases.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Keep } from "../../data/sparsify.ts";
import { biasList, biasOption } from "../options/bias.ts";
import { parseRate, whole } from "../options/values.ts";
import { withProgress } from "../terminal/data-progress.ts";
import { checkCommand } from "./data/check.ts";
import { checkPaperCommand } from "./data/check-paper.ts";
import { dataExportCommand } from "./data/export.ts";
import { importCommand } from "./data/import.ts";
import { patchesCommand } from "./data/patches.ts";
import { viewCommand } from "./data/view.ts";

export function dataCommand(): Command {
  return new Command("data")
    .description("make a dataset, inspect it, sparsify it, split it")
    .addCommand(importCommand())
    .addCommand(dataExportCommand())
    .addCommand(infoCommand())
    .addCommand(sparsifyCommand())
    .addCommand(splitCommand())
    .addCommand(synthCommand())
    .addCommand(patchesCommand())
    .addCommand(viewCommand())
    .addCommand(checkCommand())
    .addCommand(checkPaperCommand())
    .addHelpText(
      "after",
      "\nA dataset is a folder with images/ and annotations.json (COCO JSON). Every command writes a new one.\n",
    );
}

function infoCommand(): Command {
  return new Command("info")
    .description("count images, groups and annotations; sizes, densities")
    .argument("<dir>", "folder of the dataset")
    .option("--json", "print one JSON object with all numbers")
    .addHelpText("after", "\nExample:\n  $ npx sparsecell data info data/cells\n")
    .action(async (dir: string, { json = false }: { json?: boolean }) => {
      const { readDataset } = await import("../../data/dataset-folder.ts");
      const { datasetInfo, datasetInfoText } = await import("../../data/dataset-info.ts");
      const info = datasetInfo(readDataset(dir));
      process.stdout.write(json ? `${JSON.stringify(info)}\n` : datasetInfoText(info));
    });
}

function sparsifyCommand(): Command {
  return new Command("sparsify")
    .description(
      "hide training annotations, at random or not; they stay in the file, marked as hidden; test images stay complete",
    )
    .argument("<dir>", "folder of the dataset")
    .addOption(
      new Option("--keep <rate>", "retention rate in (0, 1], or one-per-image").argParser(parseRate).makeOptionMandatory(),
    )
    .option("--seed <number>", "same seed, same choice; a lower rate keeps a part of what a higher one keeps", whole(0), 0)
    .addOption(biasOption("which cells stay visible rather than others, with a rate (default: at random)"))
    .requiredOption("--out <dir>", "folder of the new dataset")
    .addHelpText(
      "after",
      `${biasList}
Example:
  $ npx sparsecell data sparsify data/cells --keep 0.1 --seed 1 --out data/cells-10
  $ npx sparsecell data sparsify data/cells --keep 0.1 --bias clusters --out data/cells-clusters\n`,
    )
    .action(async (dir: string, { out, ...options }: { keep: Keep; seed: number; bias?: Bias; out: string }) => {
      const { sparsifyWithBias } = await import("../../data/sparsify.ts");
      await rewrite(dir, out, (dataset) => sparsifyWithBias(dataset, options));
    });
}

function splitCommand(): Command {
  return new Command("split")
    .description("make one of K folds the test split and the others the training split; groups stay together")
    .argument("<dir>", "folder of a dataset that is not sparsified")
    .requiredOption("--folds <number>", "how many folds, 2 or more", whole(1))
    .requiredOption("--fold <number>", "which of them is the test split, from 0", whole(0))
    .option("--seed <number>", "same seed, same folds", whole(0), 0)
    .requiredOption("--out <dir>", "folder of the new dataset")
    .addHelpText(
      "after",
      "\nExample:\n  $ npx sparsecell data split data/cells --folds 4 --fold 0 --seed 1 --out data/cells-fold0\n",
    )
    .action(async (dir: string, { out, ...options }: { folds: number; fold: number; seed: number; out: string }) => {
      const { splitByGroup } = await import("../../data/split.ts");
      await rewrite(dir, out, (dataset) => splitByGroup(dataset, options));
    });
}

interface SynthOptions {
  readonly kind: "ki67" | "mitosis";
  readonly images: number;
  readonly size: { width: number; height: number };
  readonly seed: number;
  readonly out: string;
}

function synthCommand(): Command {
  return new Command("synth")
    .description("make a dataset of drawn tissue with every cell annotated")
    .addOption(
      new Option("--kind <kind>", "dense positive nuclei (ki67), or rare ones among many others (mitosis)")
        .choices(["ki67", "mitosis"])
        .makeOptionMandatory(),
    )
    .option("--images <number>", "how many images", whole(1), 40)
    .addOption(
      new Option("--size <WxH>", "their size in pixels").argParser(parseSize).default({ width: 512, height: 512 }, "512x512"),
    )
    .option("--seed <number>", "same seed, same images", whole(0), 0)
    .requiredOption("--out <dir>", "folder of the new dataset")
    .addHelpText(
      "after",
      "\nExample:\n  $ npx sparsecell data synth --kind ki67 --images 40 --size 512x512 --seed 1 --out data/ki67\n",
    )
    .action(async ({ kind, images, size, seed, out }: SynthOptions) => {
      const { inNewDataset } = await import("../options/new-dataset.ts");
      const { synthesizeDataset } = await import("../../data/synthetic/synthetic.ts");
      const dataset = await inNewDataset(out, () =>
        withProgress("drawing", (onImage) => synthesizeDataset({ kind, images, ...size, seed, dir: out, onImage })),
      );
      await printInfo(dataset);
    });
}

/** Reads the dataset in `dir`, writes what `change` makes of it to `out`, and prints what it holds. */
async function rewrite(dir: string, out: string, change: (dataset: Dataset) => Dataset | Promise<Dataset>): Promise<void> {
  const { readDataset, writeDataset } = await import("../../data/dataset-folder.ts");
  await printInfo(writeDataset(await change(readDataset(dir)), out));
}

async function printInfo(dataset: Dataset): Promise<void> {
  const { datasetInfo, datasetInfoText } = await import("../../data/dataset-info.ts");
  process.stdout.write(`${datasetInfoText(datasetInfo(dataset))}wrote       ${dataset.dir}\n`);
}

function parseSize(text: string): { width: number; height: number } {
  const match = /^(\d{1,5})[x×](\d{1,5})$/i.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  if (width >= 1 && height >= 1) return { width, height };
  throw new InvalidArgumentError("It must be WIDTHxHEIGHT, for instance 512x512.");
}
