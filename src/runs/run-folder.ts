// A run folder: config.json (every setting, versions), log.jsonl (one line per step) and timings.jsonl, validation.jsonl (one line
// per measurement on held-out annotations), checkpoint.safetensors (to resume from), and at the end model.safetensors and
// MODEL.md, what people should know of it. Every file is whole: it is written beside and renamed.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { HeldOut } from "../data/hold-out.ts";
import type { TrainingFacts } from "../data/training-facts.ts";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { readJsonFile } from "../files/json/file.ts";
import { requireShape } from "../files/json/shape.ts";
import { shellWord } from "../files/shell-word.ts";
import { completed } from "../settings/declarations.ts";
import { runRecordShape, type TrainConfig, trainingSettings } from "../settings/training.ts";
import { checkpointFiles } from "./checkpoint-files.ts";
import { type LogEntry, RunLog, type SkippedStep, type StepTime } from "./run-log.ts";
import { ValidationLog } from "./validation-log.ts";

export interface RunRecord {
  readonly config: TrainConfig;
  /** sparsecell's, libtorch's and Node's. */
  readonly versions: Readonly<Record<string, string>>;
  readonly started: string;
  /** What the training sees of its dataset; runs of earlier versions than 0.5.0 lack it. */
  readonly dataset?: TrainingFacts;
  /** What a plan chose, and why; runs of settings that were all given lack it. */
  readonly plan?: readonly { readonly what: string; readonly chosen: string; readonly reason: string }[];
  /** What is held out of the training, where anything is. */
  readonly heldOut?: HeldOut;
}

/**
 * The folder of one training. Reading it needs no libtorch.
 *
 * @example
 * const run = new RunFolder("runs/bde");
 * if (run.isFinished) console.log(run.modelFile, run.record().config.method, run.log().at(-1)?.loss);
 */
export class RunFolder {
  readonly dir: string;
  /** Of the processes of a training only the first one writes: what the others log, rewind and remove here changes nothing. */
  readonly writes: boolean;
  readonly #log: RunLog;
  /** Measurements on held-out annotations. */
  readonly validation: ValidationLog;

  constructor(dir: string, { writes = true } = {}) {
    this.dir = dir;
    this.writes = writes;
    this.#log = new RunLog(dir);
    this.validation = new ValidationLog(dir, { writes });
  }
  get modelFile(): string {
    return join(this.dir, "model.safetensors");
  }
  get logFile(): string {
    return this.#log.file;
  }
  get #configFile(): string {
    return join(this.dir, "config.json");
  }
  get exists(): boolean {
    return existsSync(this.#configFile);
  }
  get hasCheckpoint(): boolean {
    return checkpointFiles(this.dir).length > 0;
  }
  get isFinished(): boolean {
    return existsSync(this.modelFile);
  }
  /** The command that resumes this run. */
  get resumeCommand(): string {
    return `npx sparsecell train --resume ${shellWord(this.dir)}`;
  }

  /** The best weights that were measured so far, while a training with held-out annotations runs. */
  get bestFile(): string {
    return join(this.dir, "best.safetensors");
  }

  /** What the model is, for people (src/export/card.ts). */
  get cardFile(): string {
    return join(this.dir, "MODEL.md");
  }

  /** Removes what is large: the model and the checkpoints; the model's card with it. */
  discardModel(): void {
    for (const file of [...checkpointFiles(this.dir), this.bestFile, this.modelFile, this.cardFile])
      rmSync(file, { force: true });
  }

  /** Throws a UserError when the folder already holds a run. Long work asks this before it starts. */
  requireNew(): void {
    if (!this.exists && !this.isFinished) return;
    const resume = this.isFinished ? "" : `, or resume it: ${this.resumeCommand}`;
    throw new UserError(`${this.dir}: already holds a run; choose another folder${resume}`);
  }

  requireUnfinished(): void {
    if (this.isFinished)
      throw new UserError(`${this.dir}: already finished; its model is ${this.modelFile}; to train another, pass another --out`);
  }

  /** Starts a run; throws a UserError when the folder already holds one. */
  create(record: RunRecord): void {
    this.requireNew();
    writeFileAtomic(this.#configFile, `${JSON.stringify(record, null, 2)}\n`);
  }

  /** Settings and versions of the run. Throws a UserError when the folder is not a run, or its record is damaged. */
  record(): RunRecord {
    if (!this.exists) throw new UserError(`${this.dir}: not a run folder: it has no config.json; check the path`);
    const value = requireShape<RunRecord>(
      readJsonFile(this.#configFile),
      runRecordShape,
      "this is not the record of a run; start a new training",
    );
    return { ...value, config: completed(trainingSettings, value.config) };
  }

  /** The one setting that may change after a run has started: what to do when a loss is not finite. */
  setOnNonfinite(onNonfinite: TrainConfig["onNonfinite"]): void {
    const record = this.record();
    writeFileAtomic(this.#configFile, `${JSON.stringify({ ...record, config: { ...record.config, onNonfinite } }, null, 2)}\n`);
  }

  /** Goes on with another number of processes, and of threads of each. */
  setProcesses({ processes, threads }: Pick<TrainConfig, "processes" | "threads">): void {
    const record = this.record();
    const config = { ...record.config, processes, threads };
    writeFileAtomic(this.#configFile, `${JSON.stringify({ ...record, config }, null, 2)}\n`);
  }

  /** Accepts that the dataset has changed since the run started. */
  setDataset(dataset: TrainingFacts): void {
    if (this.writes) writeFileAtomic(this.#configFile, `${JSON.stringify({ ...this.record(), dataset }, null, 2)}\n`);
  }

  /** Logs a step. Throws a UserError when there is no room. */
  append(line: LogEntry | SkippedStep, seconds: number): void {
    if (this.writes) this.#log.append(line, seconds);
  }

  /** The loss of every step that changed the weights. */
  log(): LogEntry[] {
    return this.#log.entries();
  }

  skippedSteps(): SkippedStep[] {
    return this.#log.skipped();
  }

  stepTimes(): StepTime[] {
    return this.#log.times();
  }

  /** Drops what was logged after `step`: those steps come again. */
  rewindLog(step: number): void {
    if (this.writes) this.#log.rewind(step);
  }

  /** Drops what a killed process had begun to write. */
  removeUnfinishedFiles(): void {
    if (!this.writes) return;
    for (const name of readdirSync(this.dir))
      if (/^\..*\.\d+\.tmp$/.test(name)) rmSync(join(this.dir, name), { force: true, recursive: true });
  }

  /** Has the logs on the disk, so that they outlive a power cut. */
  syncLog(): void {
    if (!this.writes) return;
    this.#log.sync();
    this.validation.sync();
  }
}
