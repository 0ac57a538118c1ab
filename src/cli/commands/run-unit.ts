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
  const [{ GridFolder }, { unitId, unitsOf }, { runUnitAlone }, { cores }, { prepareMachine }, { GridProgress }, { trackStop }] =
    await Promise.all([
      import("../../runs/grid-folder.ts"),
      import("../../runs/grid.ts"),
      import("../../experiment/run-unit-alone.ts"),
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
  if (store.result(unit)) return console.error(`${name}: is finished`);
  prepareMachine({ device });
  const { steps } = record.train;
  const progress = new GridProgress({ label: record.name, units: [unit], finished: [], steps, jobs: 1 });
  const stop = trackStop();
  let done = 0; // by this process
  const result = await runUnitAlone({
    store,
    unit,
    device,
    keepModels,
    threads: cores(),
    patience: ANOTHER_MACHINES,
    onStep: ({ step, loss }) => {
      done = step;
      progress.show({ kind: "step", unit, step, loss });
    },
    onNote: (line) => progress.show({ kind: "note", unit, line }),
    shouldStop: () => stop.signal !== null,
  });
  if (result) return progress.show({ kind: "finished", unit, result });
  if (stop.signal === "SIGUSR1" && done === 0) {
    store.writeError(unit, NO_TIME);
    throw new UserError(`${name}: ${NO_TIME}`); // it would be so again and again
  }
  progress.show({ kind: "stopped", unit, step: done });
  process.exitCode = stop.exitCode;
}

/** Seconds after which the lock of a machine that died is surely forgotten (folder-lock.ts). */
const ANOTHER_MACHINES = 360;

const NO_TIME = "its time was up before the first step; give it a longer --time";
