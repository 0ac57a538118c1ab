// What accompanies a training and is no part of its steps: the average of the weights, measurements on held-out marks, and of all
// weights that were measured the best, in best.safetensors of the run while it trains.

import { readWeights, scope, Tensor } from "@sparsecell/torch";
import type { Dataset } from "../data/dataset.ts";
import type { HoldOut } from "../data/hold-out.ts";
import type { Detector } from "../detector/detector.ts";
import { leastObjectness } from "../detector/least-objectness.ts";
import type { Recommendation } from "../detector/recommended-score.ts";
import { type HeldOutQuality, recommended } from "../evaluate/held-out.ts";
import { Teacher } from "../procedures/teacher.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { ValidationLine, WeightsKind } from "../runs/validation-log.ts";
import type { TrainConfig } from "../settings/training.ts";
import { writeTensors } from "./checkpoints.ts";
import { type HeldOutPicture, HeldOutSearch } from "./held-out-search.ts";
import { detectionsIn } from "./places.ts";
import { isExhausted, kept } from "./selection.ts";

export interface ValidationOptions {
  readonly config: TrainConfig;
  readonly detector: Detector;
  readonly run: RunFolder;
  readonly dataset: Dataset;
  /** Null: nothing is measured. */
  readonly holdOut: HoldOut | null;
  /** One line for people. */
  readonly onNote: (line: string) => void;
  /** Shown what was found at each measurement. */
  readonly onLook?: (look: HeldOutLook) => void;
}

/** What a measurement saw. */
export interface HeldOutLook {
  readonly step: number;
  readonly weights: WeightsKind;
  /** At which detections are best. */
  readonly score: number;
  readonly pictures: readonly HeldOutPicture[];
}

/** What a finished detector finds at held-out places says of it. */
export interface LastLook {
  /** From which score on its detections are best. Null when nothing is measured, or no held-out mark is found. */
  readonly recommendation: Recommendation | null;
  /** The probability that a proposal needs (detector/least-objectness.ts); 0 when nothing is measured. */
  readonly leastObjectness: number;
}

/** Scores at which the recall is logged. */
const LOGGED = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9];

export class Validation {
  readonly #options: ValidationOptions;
  readonly #average: Teacher | null;
  readonly #search: HeldOutSearch | null;
  readonly #every: number;
  #lines: ValidationLine[] = [];

  constructor(options: ValidationOptions) {
    const { config, detector } = options;
    this.#options = options;
    this.#average = config.averaging > 0 ? new Teacher(detector, config.averaging) : null;
    this.#every = config.validateEvery ?? Math.max(1, Math.ceil(config.steps / 10));
    this.#search = this.#searchOf(costs(config, this.#every).during);
  }

  /** When a step is done. `changed`: whether it changed the weights. */
  async afterStep(step: number, { changed }: { readonly changed: boolean }): Promise<void> {
    const { config, detector } = this.#options;
    if (changed) this.#average?.update(detector, this.#average.decayAt(step));
    if (step % this.#every === 0 || step === config.steps) await this.#measure(step, this.#average ? "averaged" : "last");
  }

  /** Whether more steps are not worth their time. */
  get isExhausted(): boolean {
    return isExhausted(this.#lines, this.#options.config.patience);
  }

  /** For checkpoints. */
  state(): ReadonlyMap<string, Tensor> {
    return this.#average?.state() ?? new Map();
  }

  /** As after that step, from the state in its checkpoint; null: from the start. Throws an Error when it does not fit. */
  restore(step: number, state: ReadonlyMap<string, Tensor> | null): void {
    const { run } = this.#options;
    if (state && this.#average) this.#average.loadState(state);
    else if (state && state.size > 0) throw new Error("unexpected average of the weights");
    if (this.#search === null) return;
    run.validation.rewind(step);
    this.#lines = run.validation.lines().filter((line) => line.step <= step);
  }

  /** The end of a training of so many steps: the detector with the weights that are best, the training's unless nothing is measured. */
  async chosen(step: number): Promise<Detector> {
    const { detector } = this.#options;
    if (this.#search === null) return this.#average?.detector ?? detector;
    if (this.#average) await this.#measure(step, "last");
    const chosen = kept(this.#lines);
    if (chosen) this.#load(chosen);
    return detector;
  }

  /** `completeness`: the part of the cells that has a mark that training sees, where that was counted. */
  async lastLook(detector: Detector, completeness?: number): Promise<LastLook> {
    const { config, holdOut } = this.#options;
    if (holdOut === null || this.#search === null) return { recommendation: null, leastObjectness: 0 };
    const marked = completeness && markedPart(completeness, holdOut);
    const search = this.#searchOf(costs(config, this.#every).atEnd, marked) as HeldOutSearch;
    const cells = await search.find(detector);
    const { score, found, marks, measure } = this.#best(search.quality(cells));
    const complete = search.knowsPrecision;
    const counted = marked && !complete && { completeness: marked };
    return {
      recommendation: found === 0 ? null : { score, found, marks, complete, measure, ...counted },
      leastObjectness: leastObjectness(cells),
    };
  }

  release(): void {
    this.#average?.release();
  }

  #searchOf(most: number, completeness?: number): HeldOutSearch | null {
    const { config, dataset, holdOut } = this.#options;
    const options = { input: config.detector.input, most, seed: config.seed, completeness };
    return holdOut && new HeldOutSearch(dataset, holdOut, options);
  }

  async #measure(step: number, weights: WeightsKind): Promise<void> {
    const { run, onLook } = this.#options;
    if (this.#search === null || this.#lines.some((line) => line.step === step && line.weights === weights)) return;
    const pictures: HeldOutPicture[] = [];
    const cells = await this.#search.find(this.#detectorOf(weights), onLook && ((picture) => pictures.push(picture)));
    const qualities = this.#search.quality(cells);
    const { measure, score, found, marks } = this.#best(qualities);
    const recall = Object.fromEntries(LOGGED.map((at) => [at, qualities[Math.round(100 * at)].recall]));
    const line = { step, weights, measure, score, found, marks, recall };
    this.#lines.push(line);
    const best = kept(this.#lines);
    if (best?.step === step && run.writes)
      scope(() =>
        writeTensors(run.bestFile, this.#detectorOf(best.weights).state(), { step: String(step), weights: best.weights }),
      );
    run.validation.append(line);
    onLook?.({ step, weights, score, pictures });
  }

  #detectorOf(weights: WeightsKind): Detector {
    return weights === "averaged" ? (this.#average as Teacher).detector : this.#options.detector;
  }

  /** At scores that a detection can have. */
  #best(qualities: readonly HeldOutQuality[]): HeldOutQuality {
    const { scoreThreshold } = this.#options.config.detector.detection;
    return recommended(qualities.filter(({ score }) => score >= Math.min(scoreThreshold, 0.99)));
  }

  /** Gives the training's detector the weights of that line. */
  #load({ step, weights }: ValidationLine): void {
    const { detector, run, onNote } = this.#options;
    try {
      const { tensors, metadata } = readWeights(run.bestFile);
      if (metadata.step !== String(step) || metadata.weights !== weights)
        throw new Error(`has the weights of step ${metadata.step}, not of step ${step}`);
      scope(() =>
        detector.loadState(
          new Map([...tensors].map(([name, { data, shape, dtype }]) => [name, Tensor.fromBytes(data, shape, dtype)])),
        ),
      );
    } catch (error) {
      onNote(`${run.bestFile}: ${error instanceof Error ? error.message : String(error)}; the last weights are kept instead`);
    }
  }
}

/** How much it may search each time, in training windows: all in all 5 % of the training's time, where that is not too little. */
function costs(config: TrainConfig, every: number): { readonly during: number; readonly atEnd: number } {
  const training = detectionsIn(config);
  const during = (0.03 * training) / Math.ceil(config.steps / every);
  return { during: Math.min(20, Math.max(4, during)), atEnd: Math.max(20, 0.02 * training) };
}

/** The part of the cells on held-out images that has a mark, held out or seen. */
function markedPart(completeness: number, { marks: { length: held }, seen: { length: seen } }: HoldOut): number {
  return seen === 0 ? completeness : (seen + held) / (seen / completeness + held);
}
