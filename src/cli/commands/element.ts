// `sparsecell element`: what a job array's element runs.

import { Command } from "commander";
import { whole } from "../options/values.ts";

const EXAMPLE = `
A list of elements is what --executor slurm and --emit kubernetes leave in the folder of the results: a line for each, with the
arguments of a command. For other schedulers, which number the elements of an array from 0 by a variable of theirs:

Example:
  $ npx sparsecell element grids/mbm/slurm/1/elements.jsonl 3`;

export function elementCommand(run: (args: readonly string[]) => Promise<number>): Command {
  return new Command("element")
    .description("run one line of a list of elements, as the elements of a job array do")
    .argument("<list>", "elements.jsonl of a submission")
    .argument("<index>", "which line, counted from 0", whole(0))
    .addHelpText("after", EXAMPLE)
    .action(async (list: string, index: number) => {
      const { elementAt } = await import("../../cluster/elements.ts");
      const { name, command } = elementAt(list, index);
      console.error(`element ${index}: ${name}`);
      process.exitCode = await run(command);
    });
}
