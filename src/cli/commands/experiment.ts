// `sparsecell experiment`: a whole table or figure of the paper from one command. See experiments/.

import { Command, Option } from "commander";
import { UserError } from "../../errors.ts";
import { unitText } from "../../runs/grid.ts";
import { machine } from "../../settings/machine.ts";
import { biasList, biasOption } from "../options/bias.ts";
import { settingOption } from "../options/settings.ts";
import { parseRate, whole } from "../options/values.ts";
import { commandText, list, type Options } from "./experiment/options.ts";
import { methodList } from "./methods.ts";

const EXAMPLE = `
FILE is one of the project's experiments, by its name or path, or a .js or .mjs file that exports a protocol. After Ctrl-C, a
kill or a power cut, the same command resumes: finished runs are skipped, interrupted ones continue from their checkpoint,
failed ones are tried again. Rates, methods, seeds and folds can be added to a grid later.

Example:
  $ npx sparsecell experiment synthetic --preset quick --dry-run
  $ npx sparsecell experiment mbm --data data/mbm --weights resnet18.safetensors --preset quick --folds 0 --out grids/mbm`;

export function experimentCommand(): Command {
  return new Command("experiment")
    .description("train and evaluate every fold, retention rate, method and seed of an experiment")
    .argument("<file>", "experiments/NAME.ts, its NAME, or a .js file")
    .option("--data <dir>", "the complete dataset, unless the experiment makes its own")
    .addOption(new Option("--preset <name>", "the paper's training, or a short one").choices(["paper", "quick"]).default("quick"))
    .option("--jobs <n>", "runs at a time; they share the cores", whole(1), 1)
    .option("--keep-models", "keep the trained models")
    .option("--seeds <list>", "only these seeds: 0,1,2", list(whole(0)))
    .option("--folds <list>", "only these folds, counted from 0", list(whole(0)))
    .option("--methods <list>", 'only these methods, separated by spaces or commas: "fpn bde:boxes=all,rpn=true"', methodList)
    .option("--keeps <list>", "only these retention rates: 0.1,1 or one-per-image", list(parseRate))
    .addOption(biasOption("which annotations are kept rather than others (default: as the experiment says, or at random)"))
    .option("--weights <file>", "a ResNet's or a detector's weights to start the backbones from")
    .addOption(settingOption(machine.device))
    .option("--dry-run", "only print how many runs there are and about how long they take")
    .option("--out <dir>", "folder of the grid: results, logs, checkpoints")
    .addHelpText("after", `${biasList}${EXAMPLE}`)
    .action(experiment);
}

async function experiment(file: string, options: Options): Promise<void> {
  const { loadProtocol } = await import("../../experiment/protocol-file.ts");
  const loaded = await loadProtocol(file);
  const protocol = options.bias === undefined ? loaded : { ...loaded, bias: options.bias };
  if (options.dryRun) {
    const { dryRun } = await import("./experiment/dry-run.ts");
    return dryRun(protocol, options);
  }
  const { data = null, weights = null, out, jobs, preset, device, keepModels = false } = options;
  if (!out) throw new UserError("experiment: missing --out; pass a folder for the grid");

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
    const plan = { protocol, preset, selection: options, data, weights, dir: out, device, command };
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
