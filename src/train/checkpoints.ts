// The checkpoints of a run (runs/checkpoint-files.ts). Each has the digest of its contents, so that damage anywhere is found.
// There is always a good one: the newest gets its second name before its place is taken, at once, by a file that is whole.

import { createHash } from "node:crypto";
import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { type RawTensor, readWeights, Tensor, writeSafetensors } from "@sparsecell/torch";
import { reason, UserError } from "../errors.ts";
import { shellWord } from "../files/shell-word.ts";
import { checkpointFiles, checkpointStep, newestCheckpoint, olderCheckpoint } from "../runs/checkpoint-files.ts";

/** All that a training needs to resume to the same bits: every random choice is a function of the seed and the step. */
export interface Checkpoint {
  /** Steps that are done. */
  readonly step: number;
  readonly model: ReadonlyMap<string, Tensor>;
  readonly momentum: ReadonlyMap<string, Tensor>;
  /** What the procedure remembers; empty for most. */
  readonly procedure: ReadonlyMap<string, Tensor>;
  /** The average of the weights, where there is one. */
  readonly average?: ReadonlyMap<string, Tensor>;
}

const parts = ["model", "momentum", "procedure", "average"] as const;

export class Checkpoints {
  readonly #dir: string;
  /** The step of checkpoint.safetensors, or of the one that was read in its place; null where that is not known. */
  #newest: number | null = null;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * `keep`: how many there are afterwards at most, this one included; 0 writes none. Returns the digest and the bytes of what it
   * holds. Throws a UserError when it cannot be written.
   */
  write({ step, ...tensors }: Checkpoint, keep = 1): { readonly digest: string; readonly bytes: number } {
    const raw = new Map(
      parts.flatMap((part) =>
        [...rawTensors(tensors[part] ?? new Map())].map(([name, tensor]) => [`${part}.${name}`, tensor] as const),
      ),
    );
    const sha256 = digest(String(step), raw);
    const held = { digest: sha256, bytes: [...raw.values()].reduce((sum, { data }) => sum + data.byteLength, 0) };
    if (keep === 0) return held;
    if (keep > 1 && this.#newest !== null) this.#keepNewest(this.#newest);
    writeRaw(this.#file, raw, { step: String(step), sha256 });
    this.#newest = step;
    const older = checkpointFiles(this.#dir).filter((file) => file !== this.#file);
    const good = older.filter((file) => checkpointStep(file) < step).slice(0, keep - 1); // later ones are of a training that was taken back
    for (const file of older) if (!good.includes(file)) rmSync(file, { force: true });
    return held;
  }

  /**
   * The newest one, or, with a note, the newest that is not damaged; null when there is none. Throws a UserError when all are
   * damaged.
   */
  read(onNote: (line: string) => void = () => {}): Checkpoint | null {
    const faults: string[] = [];
    for (const file of checkpointFiles(this.#dir)) {
      try {
        const checkpoint = readCheckpoint(file);
        if (faults.length > 0) onNote(`${faults.join("; ")}; going on from the checkpoint before, of step ${checkpoint.step}`);
        this.#newest = checkpoint.step;
        return checkpoint;
      } catch (error) {
        faults.push(reason(error));
      }
    }
    if (faults.length > 0) throw new UserError(`${faults.join("; ")}; remove it and resume to begin from step 1`);
    return null;
  }

  get #file(): string {
    return newestCheckpoint(this.#dir);
  }

  #keepNewest(step: number): void {
    const second = olderCheckpoint(this.#dir, step);
    if (existsSync(second) || !existsSync(this.#file)) return;
    try {
      linkSync(this.#file, second);
    } catch {
      renameSync(this.#file, second); // a file system without links; until the new one is there, this one is resumed from
    }
  }
}

function readCheckpoint(file: string): Checkpoint {
  const { tensors, metadata } = readWeights(file);
  const { step: text = "", sha256, ...others } = metadata;
  const known = [...tensors.keys()].every((name) => parts.some((part) => name.startsWith(`${part}.`)));
  if (!/^\d+$/.test(text) || !known || Object.keys(others).length > 0)
    throw new UserError(`${file}: is not the checkpoint of a run, or damaged`);
  if (sha256 !== undefined && sha256 !== digest(text, tensors))
    // earlier versions wrote no digest
    throw new UserError(`${file}: is damaged: its contents have another digest than it says`);
  const step = Number(text);
  const part = (prefix: string): Map<string, Tensor> =>
    new Map(
      [...tensors].flatMap(([name, { data, shape, dtype }]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), Tensor.fromBytes(data, shape, dtype)]] : [],
      ),
    );
  return {
    step,
    model: part("model."),
    momentum: part("momentum."),
    procedure: part("procedure."),
    average: part("average."),
  };
}

/** Of the step, and of names, dtypes, shapes and numbers in the order of the names. */
function digest(step: string, tensors: ReadonlyMap<string, RawTensor>): string {
  const hash = createHash("sha256").update(`${step}\n`);
  for (const [name, { dtype, shape, data }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name} ${dtype} ${shape.join(" ")}\n`).update(data);
  return hash.digest("hex");
}

const rawTensors = (tensors: ReadonlyMap<string, Tensor>): Map<string, RawTensor> =>
  new Map([...tensors].map(([name, tensor]) => [name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.bytes() }]));

/** Tensors to a safetensors file, atomically. Throws a UserError when it cannot be written. */
export function writeTensors(
  file: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): void {
  writeRaw(file, rawTensors(tensors), metadata);
}

function writeRaw(file: string, tensors: ReadonlyMap<string, RawTensor>, metadata: Readonly<Record<string, string>>): void {
  try {
    writeSafetensors(file, tensors, metadata);
  } catch (error) {
    throw new UserError(
      `${reason(error)}; free some space, then resume with: npx sparsecell train --resume ${shellWord(dirname(file))}`,
    );
  }
}
