// What a submission leaves in the folder of its results: DIR/slurm/N/ with
//   elements.jsonl   what element i of the array runs
//   job.sh           what was given to sbatch; report.sh, where a report follows the array
//   I.log            what element I printed
// Submissions are numbered from 1. The folder says what was submitted, the queue what is under way; results are known by
// their own files.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { unwritable } from "../errors.ts";
import { type Element, readElements } from "./elements.ts";

export class JobFolder {
  readonly dir: string;
  constructor(dir: string) {
    this.dir = dir;
  }
  get listFile(): string {
    return join(this.dir, "elements.jsonl");
  }
  get scriptFile(): string {
    return join(this.dir, "job.sh");
  }
  get reportScript(): string {
    return join(this.dir, "report.sh");
  }
  get reportLog(): string {
    return join(this.dir, "report.log");
  }
  logFile(index: number | string): string {
    return join(this.dir, `${index}.log`);
  }
  elements(): Element[] {
    return existsSync(this.listFile) ? readElements(this.listFile) : []; // a submission that was cut off
  }
}

/** The submissions of a folder of results, the newest first. Their paths are the ones by which the queue names them. */
export function jobFolders(dir: string): JobFolder[] {
  return numbersIn(dir)
    .sort((a, b) => b - a)
    .map((number) => new JobFolder(join(realpathSync(dir), "slurm", String(number))));
}

/** Makes the folder of the next submission, of Slurm or of another. */
export function newJobFolder(dir: string, system = "slurm"): JobFolder {
  const path = join(dir, system, String(Math.max(0, ...numbersIn(dir, system)) + 1));
  try {
    mkdirSync(path, { recursive: true });
    return new JobFolder(realpathSync(path));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** "sparsecell-mbm-3fa2b1c4": the name of the jobs of a folder, for people, and of no other folder. */
export function jobName(dir: string): string {
  const path = realpathSync(dir);
  const digest = createHash("sha256").update(path).digest("hex").slice(0, 8);
  return `sparsecell-${basename(path).replace(/[^\w.-]/g, "_")}-${digest}`;
}

function numbersIn(dir: string, system = "slurm"): number[] {
  const folder = join(dir, system);
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^[1-9]\d*$/.test(name))
        .map(Number)
    : [];
}
