// A run from settings to a finished model: what `train` and `demo` do.

import { rmSync } from "node:fs";
import { checkDevice, runtime, setThreads } from "@sparsecell/torch";
import { type Dataset, type DatasetImage, imagesOf, visibleCells } from "../data/dataset.ts";
import { commonChoice } from "../data/pixel-choice.ts";
import { changedFacts, type TrainingFacts, trainingFacts } from "../data/training-facts.ts";
import { scaleOf } from "../data/working-resolution.ts";
import { chooseAnchors } from "../detector/anchor-choice.ts";
import { completenessKey } from "../detector/counted-completeness.ts";
import { Detector } from "../detector/detector.ts";
import { recommendationKey } from "../detector/recommended-score.ts";
import { networkSize } from "../detector/transform.ts";
import { configKey, licenseKey, pixelsKey } from "../detector/weights.ts";
import { UserError } from "../errors.ts";
import { writeModelCard } from "../export/card.ts";
import type { Box } from "../geometry/box.ts";
import { withOdds } from "../logistic.ts";
import type { Conclusion } from "../methods/calibration.ts";
import { explainOutOfMemory } from "../out-of-memory.ts";
import { planLines } from "../plan/plan.ts";
import { trainingMethodNamed } from "../procedures/index.ts";
import type { Procedure } from "../procedures/procedure.ts";
import { requireClasses } from "../runs/run-classes.ts";
import type { RunFolder, RunRecord } from "../runs/run-folder.ts";
import type { LogEntry } from "../runs/run-log.ts";
import type { AnchorConfig, DetectorConfig, InputSize } from "../settings/detector.ts";
import type { TrainConfig } from "../settings/training.ts";
import { version } from "../version.ts";
import { Batches } from "./batches.ts";
import { writeTensors } from "./checkpoints.ts";
import { loadFirstWeights } from "./load-weights.ts";
import { markBias } from "./mark-bias.ts";
import type { Processes } from "./processes.ts";
import { ProvenanceRecord } from "./provenance.ts";
import { hasTrainableMark, heldOutRecord, holdOutOf } from "./run-hold-out.ts";
import { type Probe, type TrainOutcome, train } from "./trainer.ts";
import { type FoundInTraining, TrainingSearch } from "./training-search.ts";
import { type HeldOutLook, type LastLook, Validation } from "./validation.ts";

/** What a training needs. */
export interface RunOptions {
  /** Its training split, and of that the visible annotations. */
  readonly dataset: Dataset;
  readonly run: RunFolder;
  readonly config: TrainConfig;
  /** After every step that was not skipped. */
  readonly onStep: (entry: LogEntry) => void;
  /** One line for people. */
  readonly onNote: (line: string) => void;
  /** Shown what the detector finds at each measurement on held-out annotations. */
  readonly onLook?: (look: HeldOutLook) => void;
  /** Asked before every step; true ends the training after a checkpoint. */
  readonly shouldStop: () => boolean;
  /** Resume although the dataset has changed since the run started. */
  readonly acceptChangedData?: boolean;
  /** A run of a grid, all of whose runs learn from the same data: a changed dataset needs another grid. */
  readonly inGrid?: boolean;
  readonly probe?: Probe;
  /** Why its settings are what they are; recorded with them. */
  readonly plan?: RunRecord["plan"];
  /** That share this training, each of which calls this with the same settings; default: this process alone. */
  readonly processes?: Processes | null;
  /** How a step is made; default: that of the method that the settings name. */
  readonly procedure?: (detector: Detector) => Procedure;
}

/**
 * Trains (from the run's checkpoint, if there is one) and writes the model when all steps are done. The run folder is made once
 * dataset, device and weights have been checked. Throws a UserError that says what is wrong or what cannot be written.
 *
 * @example
 * // A run that `train` began, resumed under a calibration of one's own:
 * const run = new RunFolder("runs/mine");
 * const { config } = run.record();
 * const halved: Calibration = {
 *   ...fpn(),
 *   calibrate: (rois) => ({ ...uncalibrated(rois), classWeight: new Float32Array(rois.labels.length).fill(0.5) }),
 * };
 * const quiet = { onStep: () => {}, onNote: () => {}, shouldStop: () => false };
 * await runTraining({ dataset: readDataset(config.data), run, config, ...quiet, procedure: () => plain(halved) });
 */
export function runTraining(options: RunOptions): Promise<TrainOutcome> {
  return trained(options).catch((error) => {
    throw explainOutOfMemory(
      error,
      "--batch or --input-size (in an experiment also its RoIs and proposals), or take a smaller --backbone",
    );
  });
}

async function trained(options: RunOptions): Promise<TrainOutcome> {
  const { dataset, run, config, onNote, procedure: makeProcedure = trainingMethodNamed(config.method).procedure } = options;
  const { processes = null } = options;
  if (processes) requireShares(config, processes);
  requireTrainable(dataset);
  requireClasses(run.dir, config.detector.classes, dataset);
  checkDevice(config.device);
  run.requireUnfinished();
  setThreads(config.threads);
  const detector = new Detector(config.detector, config);
  try {
    const note = run.hasCheckpoint ? null : loadFirstWeights(config, detector);
    if (note) onNote(note);
    const facts = trainingFacts(dataset);
    if (run.exists) requireSameData(run, facts, options);
    else
      run.create({
        config,
        versions: versions(),
        started: new Date().toISOString(),
        dataset: facts,
        ...(options.plan ? { plan: options.plan.map(({ what, chosen, reason }) => ({ what, chosen, reason })) } : {}),
        ...heldOutRecord(dataset, config),
      });
    if (processes) await meet(processes, run);
    for (const line of planLines(options.plan ?? [])) onNote(line);
    const holdOut = holdOutOf(dataset, run.record(), onNote);
    const { sizes, aspectRatios } = config.detector.anchors;
    const threads = `${config.threads} thread${config.threads === 1 ? "" : "s"}${processes ? ` in each of ${processes.size} processes` : ""}`;
    onNote(
      `anchors: ${sizes.map((level) => level.join("+")).join(", ")} pixels on P2 to P6; height/width ${aspectRatios.join(", ")}; computes in ${config.dtype} on ${config.device}, ${threads}`,
    );
    const procedure = makeProcedure(detector);
    const seen = holdOut?.training ?? dataset;
    const batches = new Batches(seen, config, { secondView: procedure.secondView, share: processes ?? undefined });
    const search = new TrainingSearch(seen, config);
    const validation = new Validation({ ...options, detector, holdOut });
    const provenance = run.writes ? new ProvenanceRecord(run, { dataset, config }) : null;
    try {
      const outcome = await train({ ...options, detector, procedure, batches, validation, search });
      processes?.leave();
      if (outcome.finished && provenance) {
        await finish(options, { step: outcome.step, procedure, validation, search });
        const unrecorded = await provenance.complete();
        if (unrecorded) onNote(`what the run is made of was not recorded, so it cannot be compared later: ${unrecorded}`);
      }
      const skipped = run.skippedSteps().length;
      if (skipped > 0) onNote(`${skipped} of ${outcome.step} steps were skipped: their loss or gradient was not finite`);
      return outcome;
    } finally {
      provenance?.cancel();
      batches.close();
      procedure.release?.();
      validation.release();
    }
  } finally {
    detector.release();
  }
}

/** Throws a UserError where a process would have no image, or none can be summed. */
export function requireShares({ batch, device }: TrainConfig, { size }: { readonly size: number }): void {
  if (batch < size)
    throw new UserError(
      `--processes ${size}: needs at least as many images in a step, and --batch is ${batch}; raise it, or take fewer processes`,
    );
  if (device !== "cpu")
    throw new UserError(`--processes ${size}: trains on processors only, and --device is ${device}; take one process for a card`);
}

/** When the first process has written the run's record. */
async function meet(processes: Processes, run: RunFolder): Promise<void> {
  await processes.recordWritten();
  await processes.join(run.dir);
}

/** Chooses the weights, lets the procedure conclude, writes the model. */
async function finish(
  options: RunOptions,
  training: { step: number; procedure: Procedure; validation: Validation; search: TrainingSearch },
): Promise<void> {
  const { procedure, validation, search } = training;
  const detector = await validation.chosen(training.step);
  const found = procedure.conclude && (await search.find(detector));
  const conclusion = found && procedure.conclude?.(found);
  if (conclusion) {
    detector.roi_heads.scaleOdds(conclusion.scoreOdds);
    options.onNote(conclusion.note);
    for (const line of fairnessNotes(found, conclusion)) options.onNote(line);
  }
  const lastLook = await validation.lastLook(detector, conclusion?.completeness?.part);
  const finished = { detector, conclusion, ...lastLook };
  const config = finishedConfig(options.config.detector, finished);
  const { scoreThreshold } = config.rpn;
  if (scoreThreshold > options.config.detector.rpn.scoreThreshold)
    options.onNote(
      `detection passes over proposals of a probability below ${scoreThreshold}: they hold at most one in a hundred of the cells at held-out places`,
    );
  writeModel(options, config, finished);
}

/** Where marks are no fair sample of the cells, of which there are as many as the scores add up to. */
function fairnessNotes({ cells }: FoundInTraining, { scoreOdds }: Conclusion): string[] {
  const scaled = cells.map((cell) => ({ ...cell, score: withOdds(cell.score, scoreOdds) }));
  const hidden = scaled.reduce((sum, { score, isMarked }) => sum + score - Number(isMarked), 0);
  return markBias(
    scaled.filter(({ score, isMarked }) => isMarked || score >= 0.5),
    hidden,
  );
}

interface Finished extends LastLook {
  readonly detector: Detector;
  readonly conclusion: Conclusion | undefined;
}

function writeModel({ run, config, dataset }: RunOptions, detection: DetectorConfig, finished: Finished): void {
  const { detector, conclusion, recommendation } = finished;
  writeTensors(run.modelFile, detector.state(), {
    [configKey]: JSON.stringify(detection),
    ...(conclusion?.completeness && { [completenessKey]: JSON.stringify(conclusion.completeness) }),
    ...pixelRecord(dataset),
    ...(config.weightsLicense && { [licenseKey]: config.weightsLicense }),
    ...(recommendation ? { [recommendationKey]: JSON.stringify(recommendation) } : {}),
  });
  writeModelCard(run, detection);
  rmSync(run.bestFile, { force: true });
}

/** With the limits that detection has after what the training found. */
function finishedConfig(config: DetectorConfig, { conclusion, leastObjectness }: Finished): DetectorConfig {
  const { rpn, detection } = config;
  const odds = conclusion?.scoreOdds ?? 1;
  return {
    ...config,
    rpn: { ...rpn, scoreThreshold: rpn.scoreThreshold === 0 ? 0 : Math.max(rpn.scoreThreshold, leastObjectness) }, // 0: every proposal
    detection: { ...detection, scoreThreshold: withOdds(detection.scoreThreshold, odds) }, // so that nothing is lost or added
  };
}

/** How the training images are read, so that prediction reads pictures of their kind alike; nothing where they are ordinary. */
function pixelRecord(dataset: Dataset): Record<string, string> {
  const pixels = commonChoice(imagesOf(dataset, "train").map(({ pixels }) => pixels));
  return Object.keys(pixels).length === 0 ? {} : { [pixelsKey]: JSON.stringify(pixels) };
}

/** Throws a UserError when the dataset of a resumed run has changed, unless that is accepted. */
function requireSameData(
  run: RunFolder,
  facts: TrainingFacts,
  { dataset, acceptChangedData, inGrid, onNote }: Pick<RunOptions, "dataset" | "acceptChangedData" | "inGrid" | "onNote">,
): void {
  const { dataset: before } = run.record();
  const changes = before === undefined ? [] : changedFacts(before, facts);
  if (changes.length === 0) return;
  const what = `${dataset.dir}: has changed since ${run.dir} started: ${changes.join(", ")}`;
  if (inGrid)
    throw new UserError(`${what}; restore it, or train all runs on it as it is: pass another --out to npx sparsecell experiment`);
  if (!acceptChangedData)
    throw new UserError(`${what}; restore it, or resume on it as it is: ${run.resumeCommand} --accept-changed-data`);
  run.setDataset(facts);
  onNote(what);
}

/** What a run records beside its settings. */
export function versions(): Record<string, string> {
  const { version: libtorch, blas } = runtime();
  return {
    sparsecell: version,
    libtorch,
    blas: blas.split(/[\\/]/).slice(-2).join("/"),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Anchors from the visible training annotations, at the size that the network sees. */
export function anchorsFor(dataset: Dataset, input: InputSize): AnchorConfig {
  const images = new Map(dataset.images.map((image) => [image.id, image]));
  const boxes = visibleCells(dataset).map(({ imageId, box }): Box => {
    const image = images.get(imageId) as DatasetImage;
    const [x, y] = networkFactors(image, input);
    return [box[0] * x, box[1] * y, box[2] * x, box[3] * y];
  });
  if (boxes.length === 0) throw nothingToLearn(dataset);
  return chooseAnchors(boxes);
}

/** Network pixels per pixel of an image, along x and along y. */
function networkFactors(image: DatasetImage, input: InputSize): [number, number] {
  if (input.kind === "resolution") return [scaleOf(input, image), scaleOf(input, image)];
  const [height, width] = networkSize([image.height, image.width], input);
  return [width / image.width, height / image.height];
}

/** Throws a UserError when there is nothing to learn from. */
export function requireTrainable(dataset: Dataset): void {
  const cells = visibleCells(dataset);
  if (cells.length === 0) throw nothingToLearn(dataset);
  if (!hasTrainableMark(dataset))
    throw new UserError(
      `${dataset.dir}: regions to ignore cover all ${cells.length} visible annotations on training images, so there is nothing to learn from; correct the regions (see "npx sparsecell data check")`,
    );
}

const nothingToLearn = ({ dir }: Dataset): UserError =>
  new UserError(
    `${dir}: has no visible annotation on a training image, so nothing to learn from; annotate some cells, or split it differently`,
  );
