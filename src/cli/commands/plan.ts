// `sparsecell plan`: what `train` would do with a dataset, and why.

import { join } from "node:path";
import { Command } from "commander";
import { writeFileAtomic } from "../../files/atomic-write.ts";
import { requireOutFile } from "../options/out-file.ts";
import { addPlanOptions, machineOf, type PlanOptions } from "../options/plan-options.ts";

const EXAMPLE = `
A plan is made from the dataset's fingerprint (sizes and density of the cells, sizes of the images, microns per pixel, how much they
differ in stain), from the machine, whose speed a few steps measure, and from --budget. It says why it chooses what; every choice
has an option, and a plan in a file can be edited.

Example:
  $ npx sparsecell plan data/cells --budget 30m
  $ npx sparsecell plan data/cells --out plan.json
  $ npx sparsecell train data/cells --plan plan.json --out runs/cells`;

export function planCommand(): Command {
  const command = new Command("plan")
    .description("what train would choose for a dataset, and why")
    .argument("<dir>", "the dataset's folder");
  return addPlanOptions(command)
    .option("--json", "print the plan as JSON")
    .option("--out <file>", "write the plan as JSON, for --plan")
    .addHelpText("after", EXAMPLE)
    .action(plan);
}

async function plan(
  dir: string,
  { json, out, ...options }: PlanOptions & { readonly json?: true; readonly out?: string },
): Promise<void> {
  const [{ prepareMachine }, { planFor }, { planLines }, { planDocument }] = await Promise.all([
    import("../prepare-machine.ts"),
    import("../options/planning.ts"),
    import("../../plan/plan.ts"),
    import("../../plan/plan-file.ts"),
  ]);
  if (out) requireOutFile(out, [join(dir, "annotations.json")]);
  prepareMachine(machineOf(options));
  const planned = await planFor(dir, options);
  if (planned === null) return; // which no signal ends
  const { plan: made, config } = planned;
  if (out) writeFileAtomic(out, `${JSON.stringify(planDocument(made, config.data), null, 2)}\n`);
  console.log(json ? JSON.stringify(planDocument(made, config.data), null, 2) : planLines(made.choices).join("\n"));
}
