// A run folder: config.json (every setting, versions), log.jsonl (a line a step), checkpoint.safetensors (to go on from),
// and at the end model.safetensors. What exists is whole: files are written beside and renamed.

import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { readWeights, Tensor, type WeightFile, writeSafetensors } from "@sparsecell/torch";
import { writeFileAtomic } from "../atomic-write.ts";
import { readJsonFile } from "../data/json-file.ts";
import { reason, UserError } from "../errors.ts";
import type { TrainConfig } from "./config.ts";

export interface RunRecord {
  readonly config: TrainConfig;
  /** sparsecell's, libtorch's and Node's. */
  readonly versions: Readonly<Record<string, string>>;
  readonly started: string;
}

export interface LogEntry {
  readonly step: number;
  readonly loss: number;
  readonly rpnClass: number;
  readonly rpnBox: number;
  readonly roiClass: number;
  readonly roiBox: number;
  readonly lr: number;
  readonly seconds: number;
}

export interface Checkpoint {
  /** Steps that are done. */
  readonly step: number;
  readonly model: ReadonlyMap<string, Tensor>;
  readonly momentum: ReadonlyMap<string, Tensor>;
}

export class RunFolder {
  readonly dir: string;
  constructor(dir: string) {
    this.dir = dir;
  }
  get modelFile(): string {
    return join(this.dir, "model.safetensors");
  }
  get #configFile(): string {
    return join(this.dir, "config.json");
  }
  get #checkpointFile(): string {
    return join(this.dir, "checkpoint.safetensors");
  }
  get #logFile(): string {
    return join(this.dir, "log.jsonl");
  }
  get exists(): boolean {
    return existsSync(this.#configFile);
  }
  get hasCheckpoint(): boolean {
    return existsSync(this.#checkpointFile);
  }
  get isFinished(): boolean {
    return existsSync(this.modelFile);
  }

  /** Removes what is large: the model and what the training would go on from. */
  discardModel(): void {
    for (const file of [this.#checkpointFile, this.modelFile]) rmSync(file, { force: true });
  }

  /** Throws a UserError when the folder already holds a run. For long work to ask before it begins. */
  requireNew(): void {
    if (!this.exists && !this.isFinished) return;
    const goOn = this.isFinished ? "" : `, or go on with it: npx sparsecell train --resume ${this.dir}`;
    throw new UserError(`${this.dir}: already holds a run; choose another folder${goOn}`);
  }

  requireUnfinished(): void {
    if (this.isFinished)
      throw new UserError(`${this.dir}: is finished already; its model is ${this.modelFile}; train anew with another --out`);
  }

  /** Starts a run; throws a UserError when the folder already holds one. */
  create(record: RunRecord): void {
    this.requireNew();
    writeFileAtomic(this.#configFile, `${JSON.stringify(record, null, 2)}\n`);
  }

  record(): RunRecord {
    if (!this.exists) throw new UserError(`${this.dir}: is no run folder: it has no config.json; check the path`);
    const value = readJsonFile(this.#configFile).value as RunRecord;
    if (typeof value?.config?.detector !== "object")
      throw new UserError(`${this.#configFile}: is not the record of a run; start the training anew`);
    return value;
  }

  append(entry: LogEntry): void {
    try {
      appendFileSync(this.#logFile, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      throw new UserError(`${this.#logFile}: cannot be written: ${reason(error)}; free some room and resume`);
    }
  }

  log(): LogEntry[] {
    if (!existsSync(this.#logFile)) return [];
    return readFileSync(this.#logFile, "utf8")
      .split("\n")
      .filter((line) => line.endsWith("}")) // a killed run may leave half a line
      .map((line) => JSON.parse(line) as LogEntry);
  }

  /** Drops what was logged after `step`: those steps come again. */
  rewindLog(step: number): void {
    const kept = this.log().filter((entry) => entry.step <= step);
    writeFileAtomic(this.#logFile, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  }

  /** Drops what a killed process had begun to write. */
  removeUnfinishedFiles(): void {
    for (const name of readdirSync(this.dir)) if (/^\..*\.\d+\.tmp$/.test(name)) rmSync(join(this.dir, name), { force: true });
  }

  writeCheckpoint({ step, model, momentum }: Checkpoint): void {
    const tensors = new Map([...prefixed("model.", model), ...prefixed("momentum.", momentum)]);
    writeTensors(this.#checkpointFile, tensors, { step: String(step) });
  }

  /** The last checkpoint, null before the first. Throws a UserError when the file is damaged. */
  readCheckpoint(): Checkpoint | null {
    if (!this.hasCheckpoint) return null;
    const { tensors, metadata } = this.#readCheckpointFile();
    const model = new Map<string, Tensor>();
    const momentum = new Map<string, Tensor>();
    for (const [name, raw] of tensors) {
      const [part, rest] = name.startsWith("model.") ? [model, name.slice(6)] : [momentum, name.slice(9)];
      part.set(rest, Tensor.fromBytes(raw.data, raw.shape, raw.dtype));
    }
    return { step: Number(metadata.step), model, momentum };
  }

  #readCheckpointFile(): WeightFile {
    try {
      return readWeights(this.#checkpointFile);
    } catch (error) {
      throw new UserError(`${reason(error)}; remove it and resume to begin from step 1`);
    }
  }
}

const prefixed = (prefix: string, tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] =>
  [...tensors].map(([name, tensor]) => [prefix + name, tensor]);

/** Tensors to a safetensors file, atomically. Throws a UserError when it cannot be written. */
export function writeTensors(
  file: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): void {
  try {
    writeSafetensors(
      file,
      new Map([...tensors].map(([name, tensor]) => [name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.bytes() }])),
      metadata,
    );
  } catch (error) {
    throw new UserError(`${reason(error)}; free some room, then go on with: npx sparsecell train --resume ${dirname(file)}`);
  }
}
