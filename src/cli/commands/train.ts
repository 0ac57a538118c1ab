// `sparsecell train`: a detector from a dataset. What is not given is planned (plan/).

import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join, resolve } from "node:path";
import { Command, Option } from "commander";
import type { Dataset } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { lockFolder } from "../../files/folder-lock.ts";
import { evaluationFile } from "../../runs/evaluation-file.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { TrainConfig } from "../../settings/training.ts";
import { type TrackerName, trackerNames } from "../../tracking/names.ts";
import { tracked, trackersOf } from "../../tracking/tracked.ts";
import { type ProcessPlace, placeOf, STORE_VARIABLE, threadsAt } from "../../train/process-place.ts";
import type { Processes } from "../../train/processes.ts";
import { addPlanOptions, machineOf, type PlanOptions } from "../options/plan-options.ts";
import { planFor } from "../options/planning.ts";
import { parseTrackers, requireTrackers } from "../options/tracking.ts";
import { whole } from "../options/values.ts";
import { asLaunched, launchProcesses } from "../terminal/launch.ts";
import { type StopSignal, trackStop } from "../terminal/stop-signal.ts";
import { evaluateRun, testImages } from "./evaluate-run.ts";
import { METHODS } from "./methods.ts";

/** Besides those of the settings. */
interface Options extends PlanOptions {
  readonly onNonfinite: TrainConfig["onNonfinite"];
  readonly out?: string;
  readonly resume?: string;
  readonly acceptChangedData?: true;
  readonly track?: readonly TrackerName[];
  readonly pictures?: number;
}

const EXAMPLE = `${METHODS}
Only images of the training split are used, and only the annotations on them that "data sparsify" has not hidden. If the dataset
has a test split, or --test names another dataset, whose annotations must be complete, the finished model is evaluated on that.
Only one process at a time trains in a run folder.

--track tensorboard writes event files into the run's folder (tensorboard --logdir RUN shows them); --track mlflow sends to the server
in MLFLOW_TRACKING_URI. Neither slows or stops a training.

--hold-out keeps a part of the annotations out of training and measures on them: which weights to keep, when to stop (--patience)
and which score to recommend for the detections.

Ctrl-C, SIGTERM and SIGUSR1 let the current step finish, save a checkpoint and stop; a second one stops at once. After any of
them, a kill, a power cut or a full disk, --resume continues: the model and log.jsonl are those of an uninterrupted run.

--processes N shares the images of each step among N processes on this machine, which is faster and comes to the same losses but for
the last bits. torchrun --no-python and srun start them on several machines, with --out in a folder that all see. When one of them
ends or does not go on, all end.

Exit codes: 0 trained and evaluated; 1 one line says what is wrong; 130 stopped by SIGINT (Ctrl-C), 143 by SIGTERM, 138 by
SIGUSR1 (128 plus the signal's number: 158 on macOS), each with the command to resume.

Example:
  $ npx sparsecell train data/ki67 --method bde --backbone resnet18 --steps 2000 --input-size 512 --lr 0.01 --out runs/bde
  $ npx sparsecell train --resume runs/bde`;

export function trainCommand(): Command {
  const command = new Command("train")
    .description("train a detector on a dataset folder")
    .argument("[dir]", "the dataset's folder (not with --resume)");
  return addPlanOptions(command)
    .option("--out <run>", "folder of the new run (default: runs/ and the dataset's name)")
    .option(
      "--resume <run>",
      "continue an interrupted run (takes no other option but --processes, --on-nonfinite, --accept-changed-data, --track and --pictures)",
    )
    .option("--accept-changed-data", "with --resume: continue although the dataset has changed since the run started")
    .option(
      "--track <names>",
      `follow the training in ${trackerNames.join(", ")}, or both with a comma between; resumed trainings are followed as before`,
      parseTrackers,
    )
    .addOption(
      new Option(
        "--pictures <n>",
        "draw what is found in so many windows after each tenth of the training, in pictures/ of the run (default: none)",
      ).argParser(whole(1, 20)),
    )
    .addHelpText("after", EXAMPLE)
    .action(trainFromCommandLine);
}

async function trainFromCommandLine(dir: string | undefined, options: Options, command: Command): Promise<void> {
  const place = placeOf(process.env, { hostname: hostname() });
  const out = requireRunFolder(dir, options, command, place);
  const count = await processCount(out, options, { command, place });
  if (place === null && count > 1) return launchProcesses({ count, out, args: ownArguments(command, options, out) });
  const stopping = new AbortController();
  const said = place === null || place.rank === 0 ? undefined : null;
  const stop = trackStop(() => stopping.abort(), said); // first: loading libtorch takes a moment
  const training = () => trainRun(out, dir, { ...options, place, stop, stopping: stopping.signal, command });
  try {
    await (place === null ? training() : asLaunched(training));
  } finally {
    stop.release();
  }
}

interface TrainOptions extends Options {
  /** Where this process is one of several. */
  readonly place: ProcessPlace | null;
  readonly stop: StopSignal;
  /** Aborted by the first signal. */
  readonly stopping: AbortSignal;
  readonly command: Command;
}

async function trainRun(
  out: string,
  dir: string | undefined,
  { place, stop, stopping, command, ...options }: TrainOptions,
): Promise<void> {
  const [
    { prepareMachine },
    { readDataset },
    { RunFolder },
    { requireShares, runTraining },
    { createProgress },
    { recommendationOf, recommendationText },
    processes,
  ] = await Promise.all([
    import("../prepare-machine.ts"),
    import("../../data/dataset-folder.ts"),
    import("../../runs/run-folder.ts"),
    import("../../train/run.ts"),
    import("../terminal/progress.ts"),
    import("../../detector/recommended-score.ts"),
    place && import("../../train/processes.ts").then(({ Processes }) => new Processes(place)),
  ]);
  if (processes && !processes.isFirst) return trainBeside(processes, { out, stop, ...options });
  await requireTrackers(options.track);
  const run = new RunFolder(out);
  if (options.resume) run.record();
  else run.requireNew();
  const unlock = lockFolder(run.dir);
  try {
    if (options.resume && place) requireShares(run.record().config, place);
    const resized = options.resume && place && !run.isFinished ? resize(run, place.size) : null;
    if (options.resume && command.getOptionValueSource("onNonfinite") === "cli") run.setOnNonfinite(options.onNonfinite);
    if (!options.resume) prepareMachine(machineOf(options));
    const shared = place ? { processes: place.size, threads: machineOf(options).threads ?? threadsAt(place) } : {};
    const planned = options.resume ? null : await planFor(dir as string, { ...options, ...shared }, stopping);
    if (planned === null && !options.resume) {
      console.error("stopped before the training started");
      process.exitCode = stop.exitCode;
      return;
    }
    const config = planned?.config ?? run.record().config;
    const evaluateOnly = run.isFinished && !existsSync(evaluationFile(run));
    if (!evaluateOnly) run.requireUnfinished();
    if (options.resume) prepareMachine(config);
    const dataset = readDataset(config.data);
    const test = await testImages(run, dataset, config);
    if (!evaluateOnly) {
      const names = trackersOf(run.dir, options.track);
      const progress = createProgress({ label: config.method, total: config.steps });
      if (resized) progress.log(resized);
      const probe = options.pictures ? await picturesFor(run, { dataset, config, count: options.pictures }) : undefined;
      const outcome = await tracked({ dir: run.dir, names, onNote: (line) => progress.log(line) }, (onLook) =>
        runTraining({
          dataset,
          run,
          config,
          onStep: ({ step, loss, lr }) => progress.update(step, { loss: loss.toFixed(3), lr: String(Number(lr.toPrecision(3))) }),
          onNote: (line) => progress.log(line),
          onLook,
          shouldStop: () => stop.signal !== null,
          acceptChangedData: options.acceptChangedData,
          plan: planned?.plan.choices,
          probe,
          processes,
        }),
      );
      if (!outcome.finished) {
        progress.finish(`stopped after step ${outcome.step} of ${config.steps}; resume with: ${run.resumeCommand}`);
        process.exitCode = stop.exitCode || STOPPED_BY_OTHERS;
        return;
      }
      progress.finish(
        outcome.step < config.steps
          ? `stopped after step ${outcome.step} of ${config.steps}: the last ${config.patience} measurements on held-out annotations were not better`
          : undefined,
      );
    }
    const evaluated = await evaluateRun(run, { dataset: test, config, stop });
    if (!evaluated) {
      console.error(`stopped before the model was evaluated; resume with: ${run.resumeCommand}`);
      process.exitCode = stop.exitCode;
      return;
    }
    console.log(`model: ${run.modelFile}`);
    const recommendation = recommendationOf(run.modelFile);
    if (recommendation) console.log(recommendationText(recommendation));
  } finally {
    unlock();
  }
}

/** Takes part in a training for which another process writes and speaks. */
async function trainBeside(
  processes: Processes,
  { out, stop, acceptChangedData, pictures }: Options & { readonly out: string; readonly stop: StopSignal },
): Promise<void> {
  const [{ prepareMachine }, { readDataset }, { RunFolder }, { runTraining }] = await Promise.all([
    import("../prepare-machine.ts"),
    import("../../data/dataset-folder.ts"),
    import("../../runs/run-folder.ts"),
    import("../../train/run.ts"),
  ]);
  const run = new RunFolder(out, { writes: false });
  if (run.isFinished) return; // the first process evaluates it
  await processes.recordWritten();
  const { config } = run.record();
  prepareMachine(config);
  const dataset = readDataset(config.data);
  const { finished } = await runTraining({
    dataset,
    run,
    config,
    onStep: () => {},
    onNote: () => {},
    shouldStop: () => stop.signal !== null,
    acceptChangedData,
    probe: pictures ? await picturesFor(run, { dataset, config, count: pictures }) : undefined,
    processes,
  });
  if (!finished) process.exitCode = stop.exitCode || STOPPED_BY_OTHERS;
}

/** As after SIGTERM: another process of the training was told to stop. */
const STOPPED_BY_OTHERS = 143;

/** How many processes train: those of a launcher, or as many as are asked for, or as the run had. */
async function processCount(
  out: string,
  { processes, resume }: Options,
  { command, place }: { readonly command: Command; readonly place: ProcessPlace | null },
): Promise<number> {
  const given = command.getOptionValueSource("processes") === "cli" ? processes : undefined;
  if (place && given !== undefined && given !== place.size)
    throw new UserError(`train: --processes ${given}, but ${place.size} processes were started; leave it out`);
  if (place) return place.size;
  if (!resume) return given ?? 1;
  const { RunFolder } = await import("../../runs/run-folder.ts");
  const run = new RunFolder(out);
  if (run.isFinished) return 1;
  const { config } = run.record();
  const count = given ?? config.processes;
  if (count === 1 && config.processes > 1) console.error(resize(run, 1));
  return count;
}

/** Goes on with another number of processes; returns what to say of it, null where it is the same. */
function resize(run: RunFolder, processes: number): string | null {
  const { config } = run.record();
  if (config.processes === processes) return null;
  const threads = Math.max(1, Math.floor((config.threads * config.processes) / processes));
  run.setProcesses({ processes, threads });
  return `goes on with ${processes} process${processes === 1 ? "" : "es"} of ${threads} thread${threads === 1 ? "" : "s"} where it had ${config.processes}: the results differ in the last bits from those without the change`;
}

/** This command's arguments, for the processes that it starts. */
function ownArguments(command: Command, { out: given, resume }: Options, out: string): string[] {
  const { rawArgs } = command.parent as Command & { rawArgs: string[] };
  return given || resume ? rawArgs : [...rawArgs, "--out", out];
}

async function picturesFor(run: RunFolder, { dataset, config, count }: { dataset: Dataset; config: TrainConfig; count: number }) {
  const { trainingPictures } = await import("../../train/training-pictures.ts");
  return trainingPictures(dataset, config, { count, dir: run.dir, writes: run.writes });
}

function requireRunFolder(
  dir: string | undefined,
  { out, resume, acceptChangedData }: Options,
  command: Command,
  place: ProcessPlace | null,
): string {
  if (resume) {
    const given = command.options.filter(
      (option) =>
        command.getOptionValueSource(option.attributeName()) === "cli" &&
        !["resume", "onNonfinite", "acceptChangedData", "track", "pictures", "processes"].includes(option.attributeName()),
    );
    const surplus = [...(dir ? ["the dataset"] : []), ...given.map(({ long }) => long)];
    if (surplus.length > 0)
      throw new UserError(`train: --resume takes every setting from the run; leave out ${surplus.join(", ")}`);
    return resume;
  }
  if (acceptChangedData) throw new UserError("train: --accept-changed-data needs --resume");
  if (!dir) throw new UserError("train: missing dataset; pass its folder (see sparsecell train --help)");
  if (place && !out && !process.env[STORE_VARIABLE])
    throw new UserError("train: several processes need to be told the folder of the new run; pass --out");
  return out ?? freeRunFolder(dir);
}

/** runs/NAME, or runs/NAME-2 and so on, whatever is not there yet; NAME is that of the dataset. */
function freeRunFolder(dir: string): string {
  const name = join("runs", basename(resolve(dir)));
  let folder = name;
  for (let n = 2; existsSync(folder); n++) folder = `${name}-${n}`;
  return folder;
}
