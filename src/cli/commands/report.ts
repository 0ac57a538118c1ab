// `sparsecell report`: a grid of trainings as one page, with the tables and figures of the paper.

import { Command } from "commander";
import { UserError } from "../../errors.ts";

const EXAMPLE = `
An incomplete grid works, too: the report says what is missing. Writes report.html (one self-contained page), report.md,
results.json and the figures as SVG.

Given the results.json of an earlier report, prints tables as Markdown: in the form of the paper's Tables 3 and 4 where rates are
compared, and the measures of each method at each rate.

Example:
  $ npx sparsecell report grids/synthetic
  $ npx sparsecell report docs/results/mbm/results.json`;

export function reportCommand(): Command {
  return new Command("report")
    .description("the tables and figures of an experiment's runs: HTML, Markdown, SVG, JSON")
    .argument("<dir>", "folder of the grid: the --out of an experiment; or the results.json of an earlier report")
    .option("--out <dir>", "folder to write to (default: report in the grid's folder)")
    .addHelpText("after", EXAMPLE)
    .action(async (dir: string, { out }: { out?: string }) => {
      if (dir.endsWith(".json")) {
        if (out !== undefined) throw new UserError(`--out ${out}: the tables of ${dir} are printed; leave it out`);
        const { quotedTables } = await import("../../publish/quoted-tables.ts");
        console.log(quotedTables(dir));
        return;
      }
      const { writeGridReport } = await import("../../publish/grid.ts");
      const { page, finished, total } = await writeGridReport({ dir, out, onNote: (line) => console.error(line) });
      console.log(`report: ${page} (${finished} of ${total} runs)`);
    });
}
