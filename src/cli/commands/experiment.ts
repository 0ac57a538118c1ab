// `sparsecell experiment`: a whole table or figure of the paper from one command. See experiments/.

import { Command, Option } from "commander";
import { UserError } from "../../errors.ts";
import { unitText } from "../../runs/grid.ts";
import { machine } from "../../settings/machine.ts";
import { trackerNames } from "../../tracking/names.ts";
import { version } from "../../version.ts";
import { biasList, biasOption } from "../options/bias.ts";
import { executorOptions, requireExecutor } from "../options/executor.ts";
import { settingOption } from "../options/settings.ts";
import { parseTrackers, requireTrackers } from "../options/tracking.ts";
import { parseRate, whole } from "../options/values.ts";
import { commandText, list, type Options } from "./experiment/options.ts";
import { methodList } from "./methods.ts";

const EXAMPLE = `
FILE is one of the project's experiments, by its name or path, or a .js or .mjs file that exports a protocol. After Ctrl-C, a
kill or a power cut, the same command resumes: finished runs are skipped, interrupted ones continue from their checkpoint,
failed ones are tried again. Rates, methods, seeds and folds can be added to a grid later.

With --executor slurm the same command submits the runs that are neither finished nor in the queue, and after them the report.
\`status DIR\` says how far they are, \`cancel DIR\` takes them back. --emit kubernetes prints a Job that runs the same.

Example:
  $ npx sparsecell experiment synthetic --preset quick --dry-run
  $ npx sparsecell experiment mbm --data data/mbm --weights resnet18.safetensors --preset quick --folds 0 --out grids/mbm
  $ npx sparsecell experiment mbm --data data/mbm --executor slurm --partition gpu --cards 1 --device cuda --time 4:00:00 --out grids/mbm`;

export function experimentCommand(): Command {
  const command = new Command("experiment")
    .description("train and evaluate every fold, retention rate, method and seed of an experiment")
    .argument("<file>", "experiments/NAME.ts, its NAME, or a .js file")
    .option("--data <dir>", "the complete dataset, unless the experiment makes its own")
    .addOption(new Option("--preset <name>", "the paper's training, or a short one").choices(["paper", "quick"]).default("quick"))
    .option("--jobs <n>", "runs at a time; here they share the cores (default: 1, on a cluster as many as it will)", whole(1))
    .option("--keep-models", "keep the trained models")
    .option(
      "--track <names>",
      `follow each training in ${trackerNames.join(", ")}, or both with a comma between; a grid that is continued is followed as before`,
      parseTrackers,
    )
    .option("--seeds <list>", "only these seeds: 0,1,2", list(whole(0)))
    .option("--folds <list>", "only these folds, counted from 0", list(whole(0)))
    .option("--methods <list>", 'only these methods, separated by spaces or commas: "fpn bde:boxes=all,rpn=true"', methodList)
    .option("--keeps <list>", "only these retention rates: 0.1,1 or one-per-image", list(parseRate))
    .addOption(biasOption("which annotations are kept rather than others (default: as the experiment says, or at random)"))
    .option("--weights <file>", "a ResNet's or a detector's weights to start the backbones from")
    .addOption(settingOption(machine.device))
    .option("--dry-run", "only print how many runs there are and about how long they take")
    .option("--out <dir>", "folder of the grid: results, logs, checkpoints");
  for (const option of executorOptions("a run")) command.addOption(option);
  return command
    .addOption(new Option("--emit <what>", "print a Job for the runs in place of running them").choices(["kubernetes"]))
    .option("--image <name>", "of --emit: the container image, whose working folder is sparsecell's", `sparsecell:${version}`)
    .option("--claim <name>", "of --emit: the persistent volume claim with the grid, its dataset and its weights", "sparsecell")
    .addHelpText("after", `${biasList}${EXAMPLE}`)
    .action(experiment);
}

async function experiment(file: string, given: GivenOptions): Promise<void> {
  const atATime = given.jobs ?? null;
  const options = { ...given, jobs: given.jobs ?? 1 };
  if (options.emit === undefined) requireExecutor("experiment", options);
  else requireEmittable(options);
  const { loadProtocol } = await import("../../experiment/protocol-file.ts");
  const loaded = await loadProtocol(file);
  const protocol = options.bias === undefined ? loaded : { ...loaded, bias: options.bias };
  if (options.dryRun) {
    const { dryRun } = await import("./experiment/dry-run.ts");
    return dryRun(protocol, options);
  }
  const { data = null, weights = null, out, jobs, preset, device, keepModels = false } = options;
  if (!out) throw new UserError("experiment: missing --out; pass a folder for the grid");
  await requireTrackers(options.track);
  if (options.emit !== undefined || options.executor === "slurm") {
    const { emitKubernetes, submitGrid } = await import("./experiment/elsewhere.ts");
    return (options.emit ? emitKubernetes : submitGrid)(file, protocol, { ...options, out, atATime });
  }

  const [{ openGrid }, { executeGrid }, { lockFolder }, { prepareMachine }] = await Promise.all([
    import("../../experiment/plan.ts"),
    import("../../experiment/run-grid.ts"),
    import("../../files/folder-lock.ts"),
    import("../prepare-machine.ts"),
  ]);
  const [{ withProgress }, { GridProgress }, { trackStop }] = await Promise.all([
    import("../terminal/data-progress.ts"),
    import("../terminal/grid-progress.ts"),
    import("../terminal/stop-signal.ts"),
  ]);
  prepareMachine({ device });
  const unlock = lockFolder(out);
  try {
    const command = commandText(file, options);
    const { track } = options;
    const plan = { protocol, preset, selection: options, data, weights, dir: out, device, command, track };
    const { store, units } = await withProgress("tissue", (onImage) => openGrid({ ...plan, onImage }));
    const finished = units.flatMap((unit) => store.result(unit) ?? []);
    const already = finished.length > 0 ? `, ${finished.length} already finished` : "";
    console.error(`${protocol.name}, preset ${preset}: ${units.length} runs${already}`);

    const { steps } = protocol.presets[preset];
    const progress = new GridProgress({ label: protocol.name, units, finished, steps, jobs });
    const onEvent = progress.show.bind(progress);
    const execution = executeGrid({ store, units, jobs, device, keepModels, onEvent });
    const stop = trackStop(() => execution.stop());
    const { failed, left } = await execution.outcome.finally(() => stop.release());
    progress.finish({ stopped: left.length > 0 });

    if (left.length > 0) process.exitCode = stop.exitCode;
    else if (failed.length > 0)
      throw new UserError(
        `${failed.length} of ${units.length} runs failed (see error.txt in their folders below ${store.runsDir}): ${failed.map(unitText).join("; ")}`,
      );
  } finally {
    unlock();
  }
}

type GivenOptions = Omit<Options, "jobs"> & { readonly jobs?: number };

function requireEmittable(options: Options): void {
  if (options.executor === "slurm") throw new UserError("experiment: pass --executor slurm or --emit kubernetes, not both");
  requireExecutor("experiment", options, ["cards", "cpus"]);
}
