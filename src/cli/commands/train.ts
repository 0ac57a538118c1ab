// `sparsecell train`: a detector from a dataset. What is not given is planned (plan/).

import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Command, Option } from "commander";
import type { Dataset } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { lockFolder } from "../../files/folder-lock.ts";
import { evaluationFile } from "../../runs/evaluation-file.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { TrainConfig } from "../../settings/training.ts";
import { type TrackerName, trackerNames } from "../../tracking/names.ts";
import { addPlanOptions, machineOf, type PlanOptions } from "../options/plan-options.ts";
import { planFor } from "../options/planning.ts";
import { parseTrackers, requireTrackers, tracked, trackersOf } from "../options/tracking.ts";
import { whole } from "../options/values.ts";
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
      "continue an interrupted run (takes no other option but --on-nonfinite, --accept-changed-data, --track and --pictures)",
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
  const stopping = new AbortController();
  const stop = trackStop(() => stopping.abort()); // first: loading libtorch takes a moment
  try {
    await trainRun(requireRunFolder(dir, options, command), dir, { ...options, stop, stopping: stopping.signal, command });
  } finally {
    stop.release();
  }
}

interface TrainOptions extends Options {
  readonly stop: StopSignal;
  /** Aborted by the first signal. */
  readonly stopping: AbortSignal;
  readonly command: Command;
}

async function trainRun(
  out: string,
  dir: string | undefined,
  { stop, stopping, command, ...options }: TrainOptions,
): Promise<void> {
  const [
    { prepareMachine },
    { readDataset },
    { RunFolder },
    { runTraining },
    { createProgress },
    { recommendationOf, recommendationText },
  ] = await Promise.all([
    import("../prepare-machine.ts"),
    import("../../data/dataset-folder.ts"),
    import("../../runs/run-folder.ts"),
    import("../../train/run.ts"),
    import("../terminal/progress.ts"),
    import("../../detector/recommended-score.ts"),
  ]);
  await requireTrackers(options.track);
  const run = new RunFolder(out);
  if (options.resume) run.record();
  else run.requireNew();
  const unlock = lockFolder(run.dir);
  try {
    if (options.resume && command.getOptionValueSource("onNonfinite") === "cli") run.setOnNonfinite(options.onNonfinite);
    if (!options.resume) prepareMachine(machineOf(options));
    const planned = options.resume ? null : await planFor(dir as string, options, stopping);
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
        }),
      );
      if (!outcome.finished) {
        progress.finish(`stopped after step ${outcome.step} of ${config.steps}; resume with: ${run.resumeCommand}`);
        process.exitCode = stop.exitCode;
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

async function picturesFor(run: RunFolder, { dataset, config, count }: { dataset: Dataset; config: TrainConfig; count: number }) {
  const { trainingPictures } = await import("../../train/training-pictures.ts");
  return trainingPictures(dataset, config, { count, dir: run.dir });
}

function requireRunFolder(dir: string | undefined, { out, resume, acceptChangedData }: Options, command: Command): string {
  if (resume) {
    const given = command.options.filter(
      (option) =>
        command.getOptionValueSource(option.attributeName()) === "cli" &&
        !["resume", "onNonfinite", "acceptChangedData", "track", "pictures"].includes(option.attributeName()),
    );
    const surplus = [...(dir ? ["the dataset"] : []), ...given.map(({ long }) => long)];
    if (surplus.length > 0)
      throw new UserError(`train: --resume takes every setting from the run; leave out ${surplus.join(", ")}`);
    return resume;
  }
  if (acceptChangedData) throw new UserError("train: --accept-changed-data needs --resume");
  if (!dir) throw new UserError("train: missing dataset; pass its folder (see sparsecell train --help)");
  return out ?? freeRunFolder(dir);
}

/** runs/NAME, or runs/NAME-2 and so on, whatever is not there yet; NAME is that of the dataset. */
function freeRunFolder(dir: string): string {
  const name = join("runs", basename(resolve(dir)));
  let folder = name;
  for (let n = 2; existsSync(folder); n++) folder = `${name}-${n}`;
  return folder;
}
