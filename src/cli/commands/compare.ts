// `sparsecell compare`: finished runs side by side on the test images of their dataset, as a table and as one HTML page.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { type Dataset, imagesOf } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { shellWord } from "../../files/shell-word.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import { requireOutFile } from "../options/out-file.ts";

const EXAMPLE = `
All runs must have been trained on the same dataset, which must have a test split ("data split").

Example:
  $ npx sparsecell compare runs/fpn runs/bde --out comparison.html`;

export function compareCommand(): Command {
  return new Command("compare")
    .description("compare finished runs on the test images of their dataset: a table and one HTML page")
    .argument("<runs...>", "run folders")
    .requiredOption("--out <file>", "HTML page to write; the numbers go to a .json file beside it")
    .option("--title <text>", "headline of the page", "Detectors compared")
    .addHelpText("after", EXAMPLE)
    .action(async (dirs: string[], { out, title }: { out: string; title: string }) => {
      const [{ readDataset }, { RunFolder }, { prepareMachine }] = await Promise.all([
        import("../../data/dataset-folder.ts"),
        import("../../runs/run-folder.ts"),
        import("../prepare-machine.ts"),
      ]);
      const runs = dirs.map((dir) => new RunFolder(dir));
      const folders = new Set(runs.map((run) => run.record().config.data));
      for (const run of runs)
        if (!run.isFinished)
          throw new UserError(`${run.dir}: is not finished; resume with: npx sparsecell train --resume ${shellWord(run.dir)}`);
      for (const file of [out, resultsFile(out)]) requireOutFile(file, dirs.flatMap(filesOfRun));
      if (folders.size > 1)
        throw new UserError(`compare: the runs were trained on different datasets: ${[...folders].join(", ")}`);
      const dataset = readDataset([...folders][0]);
      if (imagesOf(dataset, "test").length === 0)
        throw new UserError(`${dataset.dir}: has no test images; make some with: npx sparsecell data split`);
      for (const device of new Set(runs.map((run) => run.record().config.device))) prepareMachine({ device });
      await showComparison({
        dataset,
        runs,
        title,
        out,
        command: `npx sparsecell compare ${[...dirs, "--out", out].map(shellWord).join(" ")}`,
      });
    });
}

const resultsFile = (page: string): string => `${page.replace(/\.html?$/i, "")}.json`;

/** The files of the run itself; pages and tables that somebody put in its folder may be overwritten. */
const filesOfRun = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => /^(?:config|detections|evaluation)\.json$|\.(?:jsonl|safetensors)$/.test(name))
    .map((name) => join(dir, name));

export interface ShownComparison {
  readonly dataset: Dataset;
  readonly runs: readonly RunFolder[];
  readonly title: string;
  readonly command: string;
  readonly out: string;
}

/** Evaluates, prints the table, writes the page and says where it is. */
export async function showComparison({ out, ...options }: ShownComparison): Promise<void> {
  const [{ compareRuns }, { renderComparisonTable }, { writeComparison }, { createProgress }] = await Promise.all([
    import("../../experiment/comparison.ts"),
    import("../../report/comparison/table.ts"),
    import("../../publish/comparison.ts"),
    import("../terminal/progress.ts"),
  ]);
  const images = imagesOf(options.dataset, "test").length;
  const progress = createProgress({ label: "evaluate", total: images * options.runs.length, unit: "image" });
  const comparison = await compareRuns({
    ...options,
    onImage: (done) => progress.update(done),
    onNote: (line) => progress.log(line),
  });
  progress.finish();
  await writeComparison(comparison, { page: out, results: resultsFile(out) });
  console.log(`\n${renderComparisonTable(comparison)}\n\nreport: ${out}`);
}
