// `sparsecell cancel`: takes back what was submitted for a folder.

import { existsSync } from "node:fs";
import { Command } from "commander";
import { UserError } from "../../errors.ts";

const EXAMPLE = `
What runs gets SIGTERM and saves a checkpoint; the same experiment or predict submits what is left, and it continues from there.

Example:
  $ npx sparsecell cancel grids/mbm`;

export function cancelCommand(): Command {
  return new Command("cancel")
    .description("take back what was submitted to Slurm for a folder")
    .argument("<dir>", "folder of the results")
    .addHelpText("after", EXAMPLE)
    .action(async (dir: string) => {
      const [{ jobFolders, jobName }, { cancelJobs, queueOf }] = await Promise.all([
        import("../../cluster/job-folder.ts"),
        import("../../cluster/slurm.ts"),
      ]);
      if (!existsSync(dir)) throw new UserError(`${dir}: no such folder; check the path`);
      if (jobFolders(dir).length === 0)
        throw new UserError(`${dir}: nothing of it was submitted; stop a local command with Ctrl-C`);
      const lines = queueOf(jobName(dir)).filter(({ state }) => state !== "ended");
      if (lines.length === 0) throw new UserError(`${dir}: nothing of it is in Slurm's queue`);
      const jobs = [...new Set(lines.map(({ job }) => job))];
      cancelJobs(jobs);
      const count = (wanted: string): number => lines.filter(({ state, index }) => state === wanted && index !== null).length;
      console.log(`cancelled ${count("running")} running and ${count("waiting")} waiting (jobs ${jobs.join(", ")})`);
    });
}
