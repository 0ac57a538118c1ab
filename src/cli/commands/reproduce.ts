// `sparsecell reproduce`: a finished run again, and whether it comes to the same.

import { Command } from "commander";
import { UserError } from "../../errors.ts";
import { between } from "../options/values.ts";
import type { Options } from "./reproduce/again.ts";

const EXAMPLE = `
WHAT is the folder of a finished run; a grid, or a results.json in docs/results/, with --unit; or a results.json alone, of which
the command that makes its table is printed.

A run records the hashes of its images, annotations, first weights, program and libraries, and the machine (provenance.json).
What it learned from must be the same here: a difference is named, image by image, and nothing is trained. Another program,
library or machine is named too, and the run is trained again with its settings. The answer is one of

  equal bits               the model and the log have the same bits
  equal within tolerance   the mean loss of every tenth of the steps (relative) and every measure (absolute) are within --tolerance
  different                they are not

On the same machine, with the same libraries and as many threads, expect equal bits. Runs of earlier versions than 0.6.0 recorded
no hashes; of them only settings, losses and measures are compared.

Exit codes: 0 equal bits or within tolerance; 1 different, or it cannot be run here; 130, 143 or 138 stopped: the same command resumes.

Example:
  $ npx sparsecell reproduce runs/bde --out runs/bde-again
  $ npx sparsecell reproduce docs/results/mbm/results.json --unit fold0-keep0.1-bde-seed0 --data data/mbm --weights resnet18.safetensors --out again`;

export function reproduceCommand(): Command {
  return new Command("reproduce")
    .description("train a finished run again and say whether it comes to the same")
    .argument("<what>", "folder of a run or of a grid, or a results.json")
    .option("--data <dir>", "where the dataset is on this machine (default: where the run had it)")
    .option("--test <dir>", "the same of the dataset of --test, of a run that had one")
    .option("--weights <file>", "where the first weights are on this machine (default: where the run had them)")
    .option("--unit <id>", "which run of a grid: fold0-keep0.1-bde-seed0")
    .option("--tolerance <part>", "what may differ: see below", between(0, 1), 0.02)
    .option("--check", "only compare what the run was made of with what is here")
    .option("--out <dir>", "folder of the new run (default: the run's name and -again)")
    .addHelpText("after", EXAMPLE)
    .action(reproduce);
}

async function reproduce(what: string, options: Options): Promise<void> {
  const [{ targetOf }, again] = await Promise.all([import("../../reproduce/target.ts"), import("./reproduce/again.ts")]);
  const target = targetOf(what, options.unit);
  if (target.kind === "run") return again.ofRun(target.run, options);
  if (target.kind === "unit") return again.ofUnit(target.store, target.unit, options);
  if (options.unit !== undefined) return again.ofResults(target.file, options.unit, options);
  if (options.check) throw new UserError("--check: a results.json recorded no hashes; pass the folder of a run");
  const { readResults, tableCommand } = await import("../../reproduce/results-file.ts");
  const results = readResults(target.file);
  console.log("grid" in results ? tableCommand(results, options) : results.command);
}
