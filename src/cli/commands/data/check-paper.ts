// `sparsecell data check-paper`: is a dataset the one that the paper used?

import { Command, Option } from "commander";
import type { PaperDataset } from "../../../data/paper-counts.ts";

export function checkPaperCommand(): Command {
  return new Command("check-paper")
    .description("compare a dataset's counts with those in the paper")
    .argument("<dir>", "folder of the dataset")
    .addOption(
      new Option("--dataset <name>", "which dataset of the paper")
        .choices(["mitos-atypia-14", "ki67"])
        .default("mitos-atypia-14"),
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ npx sparsecell data import --format mitos-atypia-14 --images training_hamamatsu/ --out data/mitos\n  $ npx sparsecell data check-paper data/mitos\n",
    )
    .action(async (dir: string, { dataset }: { dataset: PaperDataset }) => {
      const { readDataset } = await import("../../../data/dataset-folder.ts");
      const { paperCounts } = await import("../../../data/paper-counts.ts");
      process.stdout.write(`${paperCounts(readDataset(dir), dataset).lines.join("\n")}\n`);
    });
}
