// A grid's folder:
//   grid.json                what the grid is (report/grid.ts), and all that its trainings need
//   dataset/                 the complete dataset, where the grid makes its own
//   runs/ID/result.json      written last: a run that has one is finished and never runs again
//   runs/ID/                 the run folder besides (train/run-folder.ts), detections.json, density.jsonl (Figure 2), and
//                            error.txt of one that failed

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { annotationsPath } from "../data/dataset-folder.ts";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { readJsonFile } from "../files/json/file.ts";
import { requireShape } from "../files/json/shape.ts";
import { isObject } from "../files/json/value.ts";
import { completed } from "../settings/declarations.ts";
import { type GridSettings, gridSettings } from "../settings/presets.ts";
import { type Grid, type GridResult, type GridUnit, type SyntheticData, unitId } from "./grid.ts";
import { gridRecordShape } from "./grid-shape.ts";
import { RunFolder } from "./run-folder.ts";

export interface GridRecord extends Grid {
  readonly train: GridSettings;
  /** The file that the backbones start from; null for random weights. */
  readonly weights: string | null;
  /** What a dataset of its own is made of; null for a user's. */
  readonly source: SyntheticData | null;
  /** Of the dataset's annotations.json. */
  readonly dataDigest: string;
}

/** What may not change in a grid that has begun: its runs would not compare. Rates, methods and seeds may be added. */
const fixed = ["name", "preset", "folds", "splitSeed", "train", "weights", "source", "dataDigest"] as const;

export class GridStore {
  readonly dir: string;
  constructor(dir: string) {
    this.dir = dir;
  }
  get gridFile(): string {
    return join(this.dir, "grid.json");
  }
  get exists(): boolean {
    return existsSync(this.gridFile);
  }
  get datasetDir(): string {
    return join(this.dir, "dataset");
  }
  get runsDir(): string {
    return join(this.dir, "runs");
  }
  run(unit: GridUnit): RunFolder {
    return new RunFolder(join(this.runsDir, unitId(unit)));
  }
  detectionsFile(unit: GridUnit): string {
    return join(this.run(unit).dir, "detections.json");
  }
  densityFile(unit: GridUnit): string {
    return join(this.run(unit).dir, "density.jsonl");
  }
  errorFile(unit: GridUnit): string {
    return join(this.run(unit).dir, "error.txt");
  }
  #resultFile(unit: GridUnit): string {
    return join(this.run(unit).dir, "result.json");
  }

  /**
   * Begins the grid, or goes on with it; rates, methods and seeds that it did not have yet are added. Throws a UserError when
   * the folder holds another grid.
   */
  open(record: GridRecord): void {
    if (!this.exists) {
      if (existsSync(this.runsDir)) throw new UserError(`${this.dir}: holds other runs; choose another --out`);
      this.#writeRecord(record);
      return;
    }
    const earlier = this.record();
    const now = JSON.parse(JSON.stringify(record)) as GridRecord; // as it comes from the file
    const change = fixed.map((key) => difference(key, earlier[key], now[key])).find((text) => text !== null);
    if (change) throw new UserError(`${this.gridFile}: is another grid: ${change}; choose another --out`);
    const both = <T>(key: "keeps" | "methods" | "seeds"): T[] => [...new Set([...earlier[key], ...record[key]] as T[])];
    this.#writeRecord({
      ...record,
      versions: earlier.versions,
      command: earlier.command,
      keeps: both<Grid["keeps"][number]>("keeps").sort(byKeep),
      methods: both("methods"),
      seeds: both("seeds"),
    });
  }

  record(): GridRecord {
    if (!this.exists)
      throw new UserError(`${this.dir}: holds no grid: it has no grid.json; make one with: npx sparsecell experiment`);
    const record = requireShape<GridRecord>(readJsonFile(this.gridFile), gridRecordShape, "this is not the record of a grid");
    return { ...record, train: completed(gridSettings, record.train) };
  }

  #writeRecord(record: GridRecord): void {
    writeFileAtomic(this.gridFile, `${JSON.stringify(record, null, 2)}\n`);
  }

  /** Null for a run that is not finished. */
  result(unit: GridUnit): GridResult | null {
    const file = this.#resultFile(unit);
    return existsSync(file) ? (readJsonFile(file).value as GridResult) : null;
  }

  /** Of all finished runs, in the order of their folders' names. */
  results(): GridResult[] {
    const names = existsSync(this.runsDir) ? readdirSync(this.runsDir).sort() : [];
    return names
      .map((name) => join(this.runsDir, name, "result.json"))
      .filter((file) => existsSync(file))
      .map((file) => readJsonFile(file).value as GridResult);
  }

  /** Ends a run. */
  writeResult(result: GridResult): void {
    rmSync(this.errorFile(result.unit), { force: true });
    writeFileAtomic(this.#resultFile(result.unit), `${JSON.stringify(result, null, 1)}\n`);
  }

  /** Why a run failed, for people. */
  writeError(unit: GridUnit, text: string): void {
    try {
      writeFileAtomic(this.errorFile(unit), `${text.trimEnd()}\n`);
    } catch {} // a full disk may be why
  }
}

/** Tells one dataset from another whose annotations differ. */
export function datasetDigest(dir: string): string {
  return createHash("sha256")
    .update(readFileSync(annotationsPath(dir)))
    .digest("hex");
}

/** Where two values differ first, in words; null where they do not. */
function difference(path: string, before: unknown, now: unknown): string | null {
  if (isDeepStrictEqual(before, now)) return null;
  if (path === "dataDigest") return "its dataset has other annotations";
  if (isObject(before) && isObject(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const inner = difference(`${path}.${key}`, before[key], now[key]);
      if (inner) return inner;
    }
  }
  return `${path} is ${JSON.stringify(before)} there and ${JSON.stringify(now)} here`;
}

const byKeep = (a: GridUnit["keep"], b: GridUnit["keep"]): number => rank(a) - rank(b);
const rank = (keep: GridUnit["keep"]): number => (keep === "one-per-image" ? 0 : keep);
