// `sparsecell data view`: a contact sheet of a dataset.

import { Command, Option } from "commander";
import { imagesOf } from "../../../data/dataset.ts";
import { requireOutFile } from "../../options/out-file.ts";
import { whole } from "../../options/values.ts";
import { withProgress } from "../../terminal/data-progress.ts";

interface Options {
  readonly out: string;
  readonly images: number;
  readonly split?: "train" | "test";
}

export function viewCommand(): Command {
  return new Command("view")
    .description("write one HTML page with images, their annotations and the statistics")
    .argument("<dir>", "folder of the dataset")
    .requiredOption("--out <file>", "HTML file to write")
    .option("--images <n>", "most images to show, spread evenly over the dataset; the statistics count all images", whole(0), 24)
    .addOption(new Option("--split <name>", "only this split").choices(["train", "test"]))
    .addHelpText("after", "\nExample:\n  $ npx sparsecell data view data/cells --out cells.html\n")
    .action(async (dir: string, { out, images, split }: Options) => {
      const { annotationsPath, imagePath, readDataset } = await import("../../../data/dataset-folder.ts");
      const { writeDatasetPage } = await import("../../../publish/dataset.ts");
      const dataset = readDataset(dir);
      requireOutFile(out, [annotationsPath(dir), ...dataset.images.map((image) => imagePath(dir, image))]);
      const shown = await withProgress("drawing", (onImage) => writeDatasetPage(dataset, out, { images, split, onImage }));
      const all = imagesOf(dataset, split).length;
      console.log(`${shown} of ${all} images: ${out}`);
    });
}
