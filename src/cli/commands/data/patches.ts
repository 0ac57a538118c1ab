// `sparsecell data patches`: cuts larger frames into patches.

import { Command, Option } from "commander";
import { between, parseSides, whole } from "../../options/values.ts";
import { withProgress } from "../../terminal/data-progress.ts";

interface Options {
  readonly size: { readonly width: number; readonly height: number };
  readonly overlap: number;
  readonly minVisible: number;
  readonly out: string;
}

const EXAMPLE = `
The last patch of a row or column is moved back inside its frame; a frame smaller than a patch stays whole. A box cut by a
border is kept, clipped, if at least --min-visible of its area is inside; the rest of any other cell becomes a region to ignore.
A cell where patches overlap is on each of them, so there are more cells than on the frames.

Example:
  $ npx sparsecell data patches data/frames --size 512 --overlap 64 --out data/patches`;

export function patchesCommand(): Command {
  return new Command("patches")
    .description("cut larger images into patches by a sliding window, annotations and regions with them")
    .argument("<dir>", "folder of the dataset")
    .addOption(new Option("--size <pixels>", "size of a patch, N or WxH").argParser(parseSides).makeOptionMandatory())
    .option("--overlap <pixels>", "overlap of neighbouring patches", whole(0), 0)
    .option("--min-visible <part>", "least visible part of a cut box that still counts as a cell, 0 to 1", between(0, 1), 0.5)
    .requiredOption("--out <dir>", "folder of the new dataset")
    .addHelpText("after", EXAMPLE)
    .action(async (dir: string, { size, ...options }: Options) => {
      const { readDataset } = await import("../../../data/dataset-folder.ts");
      const { datasetInfo, datasetInfoText } = await import("../../../data/dataset-info.ts");
      const { inNewDataset } = await import("../../options/new-dataset.ts");
      const { writePatches } = await import("../../../data/patches.ts");
      const dataset = readDataset(dir);
      const patches = await inNewDataset(options.out, () =>
        withProgress("cutting", (onImage) => writePatches(dataset, { ...size, ...options, onImage })),
      );
      process.stdout.write(`${datasetInfoText(datasetInfo(patches))}wrote       ${options.out}\n`);
    });
}
