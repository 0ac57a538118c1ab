// `sparsecell experiment`: a whole table or figure of the paper from one command. See experiments/.

import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../../errors.ts";
import type { PresetName, Protocol, Selection } from "../../experiment/protocol.ts";
import type { GridResult, GridUnit } from "../../runs/grid.ts";
import { whole } from "../options/values.ts";
import { methodList } from "./methods.ts";

interface Options {
  readonly data?: string;
  readonly preset: PresetName;
  readonly jobs: number;
  readonly keepModels?: true;
  readonly seeds?: readonly number[];
  readonly folds?: readonly number[];
  readonly methods?: readonly string[];
  readonly keeps?: Protocol["keeps"];
  readonly weights?: string;
  readonly device: string;
  readonly dryRun?: true;
  readonly out?: string;
}

const EXAMPLE = `
FILE is one of the project's experiments by its name or path, or a .js or .mjs file that exports a protocol. The same command
goes on after Ctrl-C, a kill or a power cut: a finished run is never run again, an interrupted one goes on from its
checkpoint, a failed one is tried again. More rates, methods, seeds and folds can be added to a grid later.

Example:
  $ npx sparsecell experiment synthetic --preset quick --dry-run
  $ npx sparsecell experiment mbm --data data/mbm --weights resnet18.safetensors --preset quick --folds 0 --out grids/mbm`;

export function experimentCommand(): Command {
  return new Command("experiment")
    .description("train and evaluate every fold, rate, method and seed of an experiment")
    .argument("<file>", "experiments/NAME.ts, its NAME, or a .js file")
    .option("--data <dir>", "the complete dataset, where the experiment makes none itself")
    .addOption(new Option("--preset <name>", "the paper's training, or a short one").choices(["paper", "quick"]).default("quick"))
    .option("--jobs <n>", "runs at a time; they share the cores", whole(1), 1)
    .option("--keep-models", "do not remove the trained models")
    .option("--seeds <list>", "only these, 0,1,2", list(whole(0)))
    .option("--folds <list>", "only these, counted from 0", list(whole(0)))
    .option("--methods <list>", 'only these, separated by spaces or commas: "fpn bde:boxes=all,rpn=true"', (text: string) =>
      methodList(text),
    )
    .option("--keeps <list>", "only these rates: 0.1,1 or one-per-image", list(keep))
    .option("--weights <file>", "a ResNet's or a detector's weights to start the backbones from")
    .option("--device <name>", "cpu, cuda or cuda:N", "cpu")
    .option("--dry-run", "only say how many runs there are and about how long they take")
    .option("--out <dir>", "folder of the grid: results, logs, checkpoints")
    .addHelpText("after", EXAMPLE)
    .action(experiment);
}

async function experiment(file: string, options: Options): Promise<void> {
  const { loadProtocol } = await import("../../experiment/protocol-file.ts");
  const { prepareMachine } = await import("../prepare-machine.ts");
  const protocol = await loadProtocol(file);
  if (options.dryRun) return dryRun(protocol, options);
  const { out, jobs, preset, device } = options;
  if (!out) throw new UserError("experiment: where to? give --out DIR, a folder for the grid");
  prepareMachine({ device });

  const [{ openGrid, secondsLeft }, { executeGrid }, { lockFolder }, { unitText }, progressModule, { trackStop }] =
    await Promise.all([
      import("../../experiment/plan.ts"),
      import("../../experiment/run-grid.ts"),
      import("../../files/folder-lock.ts"),
      import("../../runs/grid.ts"),
      import("../terminal/progress.ts"),
      import("../terminal/stop-signal.ts"),
    ]);
  const { createProgress, formatDuration } = progressModule;
  const unlock = lockFolder(out);
  try {
    const making = createProgress({
      label: "tissue",
      total: protocol.data.kind === "synthetic" ? protocol.data.images : 1,
      unit: "image",
    });
    const { store, units } = await openGrid({
      protocol,
      preset,
      selection: options,
      data: options.data ?? null,
      weights: options.weights ?? null,
      dir: out,
      command: commandText(file, options),
      onImage: (done) => making.update(done),
    });
    const results = units.flatMap((unit) => store.result(unit) ?? []);
    console.error(
      `${protocol.name}, preset ${preset}: ${units.length} runs${results.length > 0 ? `, ${results.length} finished already` : ""}`,
    );
    const { steps } = protocol.presets[preset];
    const running = new Map<GridUnit, number>();
    const progress = createProgress({ label: protocol.name, total: units.length * steps });
    const begun = performance.now();
    const execution = executeGrid({
      store,
      units,
      jobs,
      device,
      keepModels: options.keepModels ?? false,
      onEvent: (event) => {
        const { unit, kind } = event;
        if (kind === "note") {
          if (results.length === 0 && running.size <= 1) progress.log(event.line); // the first run's; the others say the same
          return;
        }
        if (kind === "step") {
          running.set(unit, event.step);
          if (!process.stderr.isTTY) return; // a log file gets a line a run
          const done = [...running.values()].reduce((sum, step) => sum + step, results.length * steps);
          progress.update(done, { [unitText(unit)]: event.loss.toFixed(3) });
          return;
        }
        running.delete(unit);
        if (kind === "finished") {
          results.push(event.result);
          const seconds = secondsLeft(results, { count: units.length - results.length, jobs });
          const left = seconds ? `, ${formatDuration(seconds)} left` : "";
          progress.log(
            `${results.length}/${units.length}  ${unitText(unit)}: ${resultText(event.result)}, in ${formatDuration(event.result.totalSeconds)}${left}`,
          );
        } else if (kind === "failed") progress.log(`failed: ${unitText(unit)}: ${event.message}`);
        else progress.log(`stopped: ${unitText(unit)} after step ${event.step} of ${steps}`);
      },
    });
    const stop = trackStop(() => execution.stop());
    const { failed, left } = await execution.outcome.finally(() => stop.release());
    if (left.length > 0) {
      progress.finish(`${results.length} of ${units.length} runs are finished; the same command goes on`);
      process.exitCode = stop.exitCode;
      return;
    }
    progress.finish(
      `${results.length} of ${units.length} runs are finished, after ${formatDuration((performance.now() - begun) / 1000)}`,
    );
    if (failed.length > 0)
      throw new UserError(
        `${failed.length} of ${units.length} runs failed (see error.txt in their folders below ${store.runsDir}): ${failed.map(unitText).join("; ")}`,
      );
  } finally {
    unlock();
  }
}

async function dryRun(protocol: Protocol, { preset, jobs, device, out, ...selection }: Options & Selection): Promise<void> {
  const { selectedUnits, secondsLeft } = await import("../../experiment/plan.ts");
  const { cores, threadsOf } = await import("../../experiment/run-grid.ts");
  const { GridStore } = await import("../../runs/grid-store.ts");
  const { parts } = await import("../../bench/parts.ts");
  const { prepareMachine } = await import("../prepare-machine.ts");
  const { formatDuration } = await import("../terminal/progress.ts");
  const units = selectedUnits(protocol, selection);
  const store = out ? new GridStore(out) : null;
  const finished = units.flatMap((unit) => store?.result(unit) ?? []);
  const count = units.length - finished.length;
  let seconds = secondsLeft(finished, { count, jobs });
  let how = "judged by the finished runs";
  if (seconds === null) {
    prepareMachine({ device, threads: threadsOf(jobs) });
    const { steps, batch, dtype, detector } = protocol.presets[preset];
    const size = detector.input.kind === "shortest-edge" ? detector.input.min : detector.input.size;
    const { seconds: secondsPerStep } = await parts.step.time({
      backbone: detector.backbone,
      size,
      batch,
      boxes: 50,
      rois: detector.roi.batchSizePerImage,
      steps: 2,
      method: "bde",
      dtype,
      device,
      channelsLast: true,
    });
    seconds = (count * steps * secondsPerStep) / jobs;
    how = `${secondsPerStep.toFixed(2)} s a step on this machine, without evaluation`;
  }
  console.log(
    `${protocol.name}, preset ${preset}: ${units.length} runs, ${finished.length} finished; about ${formatDuration(seconds)} for the other ${count} (${how}; ${jobs} at a time on ${cores()} cores)`,
  );
}

function resultText({ measures, limitedImages }: GridResult): string {
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const limited = limitedImages > 0 ? `, ${limitedImages} images at a limit` : "";
  return `AP ${percent(measures.ap11)}, recall ${percent(measures.recall)}${limited}`;
}

/** The command that made a grid, as a report repeats it. */
function commandText(file: string, { data, preset, weights, device, seeds, folds, methods, keeps, out }: Options): string {
  const parts = [
    data && `--data ${data}`,
    weights && `--weights ${weights}`,
    `--preset ${preset}`,
    seeds && `--seeds ${seeds.join(",")}`,
    folds && `--folds ${folds.join(",")}`,
    methods && `--methods "${methods.join(" ")}"`,
    keeps && `--keeps ${keeps.join(",")}`,
    device !== "cpu" && `--device ${device}`,
    `--out ${out}`,
  ];
  return `npx sparsecell experiment ${file} ${parts.filter(Boolean).join(" ")}`;
}

/** A parser of values with commas between them. */
function list<T>(value: (text: string) => T): (text: string) => T[] {
  return (text) => [...new Set(text.split(",").map((part) => value(part.trim())))];
}

function keep(text: string): Protocol["keeps"][number] {
  const rate = Number(text);
  if (text === "one-per-image") return text;
  if (text === "" || !(rate > 0 && rate <= 1))
    throw new InvalidArgumentError("It must be rates from above 0 to 1, or one-per-image.");
  return rate;
}
