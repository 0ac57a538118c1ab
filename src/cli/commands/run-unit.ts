// `sparsecell run-unit`: one run of a grid, wherever a scheduler starts it.

import { Command } from "commander";
import { UserError } from "../../errors.ts";
import { machine } from "../../settings/machine.ts";
import { settingOption } from "../options/settings.ts";

interface Options {
  readonly device: string;
  readonly keepModels?: boolean;
}

const EXAMPLE = `
The grid is made by: npx sparsecell experiment … --executor slurm, or --emit kubernetes. A run that was stopped continues from its
checkpoint, one that is finished is left alone. The exit code after a signal is that of "experiment".

Example:
  $ npx sparsecell run-unit grids/mbm fold0-keep0.1-bde-seed0`;

export function runUnitCommand(): Command {
  return new Command("run-unit")
    .description("train and evaluate one run of a grid, as the elements of a job array do")
    .argument("<dir>", "folder of the grid")
    .argument("<name>", "of the run: the name of its folder")
    .option("--keep-models", "keep the trained model")
    .addOption(settingOption(machine.device))
    .addHelpText("after", EXAMPLE)
    .action(runUnit);
}

async function runUnit(dir: string, name: string, { device, keepModels = false }: Options): Promise<void> {
  const [{ GridFolder }, { unitId, unitsOf }, { executeGrid }, { prepareMachine }, { GridProgress }, { trackStop }] =
    await Promise.all([
      import("../../runs/grid-folder.ts"),
      import("../../runs/grid.ts"),
      import("../../experiment/run-grid.ts"),
      import("../prepare-machine.ts"),
      import("../terminal/grid-progress.ts"),
      import("../terminal/stop-signal.ts"),
    ]);
  const store = new GridFolder(dir);
  const record = store.record();
  const folds = Array.from({ length: record.folds }, (_, fold) => fold);
  const unit = unitsOf({ ...record, folds }).find((each) => unitId(each) === name);
  if (unit === undefined) throw new UserError(`${dir}: has no run ${name}; its runs are named like fold0-keep0.1-bde-seed0`);
  prepareMachine({ device });
  const result = store.result(unit);
  const progress = new GridProgress({
    label: record.name,
    units: [unit],
    finished: result ? [result] : [],
    steps: record.train.steps,
    jobs: 1,
  });
  let [message, step] = ["", 0];
  const execution = executeGrid({
    store,
    units: [unit],
    jobs: 1,
    device,
    keepModels,
    onEvent: (event) => {
      if (event.kind === "failed") message = event.message;
      if (event.kind === "stopped") step = event.step;
      progress.show(event);
    },
  });
  const stop = trackStop(() => execution.stop());
  const { failed, left } = await execution.outcome.finally(() => stop.release());
  progress.finish({ stopped: left.length > 0 });
  if (failed.length > 0) throw new UserError(`${name}: ${message}; more in ${store.errorFile(unit)}`);
  if (left.length === 0) return;
  if (stop.signal === "SIGUSR1" && step === 0) throw new UserError(`${name}: ${NO_TIME}`); // again and again, otherwise
  process.exitCode = stop.exitCode;
}

const NO_TIME = "its time was up before the first step; give it a longer --time";
