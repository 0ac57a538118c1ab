// The folder of a grid:
//   grid.json                what the grid is, and everything its trainings need
//   dataset/                 the complete dataset, where the grid makes its own
//   runs/ID/result.json      written last: a run that has one is finished and never runs again
//   runs/ID/                 also the run folder (run-folder.ts), detections.json, density.jsonl (Figure 2), and error.txt of a
//                            run that failed
// People edit, cut and copy these files, so each is checked wherever it is read.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { annotationsPath } from "../data/dataset-folder.ts";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { TEXT_COST } from "../files/heap-room.ts";
import { readJsonFile } from "../files/json/file.ts";
import { requireShape } from "../files/json/shape.ts";
import { isObject } from "../files/json/value.ts";
import { readTextFile } from "../files/text-file.ts";
import { completed } from "../settings/declarations.ts";
import { gridSettings } from "../settings/presets.ts";
import { byKeep, type GridRecord, type GridResult, type GridUnit, unitId } from "./grid.ts";
import { gridRecordShape, gridResultShape } from "./grid-shape.ts";
import { RunFolder } from "./run-folder.ts";

/** A run that left an error and no result. */
export interface FailedRun {
  /** The name of its folder. */
  readonly run: string;
  /** The first line of its error. */
  readonly message: string;
}

/** These may not change once a grid has started, or its runs would not compare. Rates, methods and seeds may be added. */
const fixed = ["name", "preset", "folds", "splitSeed", "bias", "train", "weights", "source", "dataDigest"] as const;

const wantedFolds = ({ folds, wantedFolds }: GridRecord): readonly number[] =>
  wantedFolds ?? Array.from({ length: folds }, (_, fold) => fold);

export class GridFolder {
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
  /** COCO JSON of the test images; people may delete it. */
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

  /** Starts or resumes the grid and adds new rates, methods and seeds. Throws a UserError when the folder holds another grid. */
  open(record: GridRecord): void {
    if (!this.exists) {
      if (existsSync(this.runsDir)) throw new UserError(`${this.dir}: already holds other runs; choose another --out`);
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
      keeps: both<GridRecord["keeps"][number]>("keeps").sort(byKeep),
      methods: both("methods"),
      seeds: both("seeds"),
      wantedFolds: [...new Set([...wantedFolds(earlier), ...wantedFolds(record)])].sort((a, b) => a - b),
    });
  }

  /** Throws a UserError when the folder holds no grid, or grid.json is damaged. */
  record(): GridRecord {
    if (!this.exists)
      throw new UserError(`${this.dir}: not a grid: it has no grid.json; make one with: npx sparsecell experiment`);
    const hint = "this is not the record of a grid; pass the folder of an experiment";
    const record = requireShape<GridRecord>(readJsonFile(this.gridFile), gridRecordShape, hint);
    const moved = !existsSync(record.data) && existsSync(this.datasetDir); // a grid's dataset goes where its folder goes
    return { ...record, train: completed(gridSettings, record.train), data: moved ? this.datasetDir : record.data };
  }

  #writeRecord(record: GridRecord): void {
    writeFileAtomic(this.gridFile, `${JSON.stringify(record, null, 2)}\n`);
  }

  /** Null for a run that is not finished. Throws a UserError for a damaged result. */
  result(unit: GridUnit): GridResult | null {
    const file = this.#resultFile(unit);
    return existsSync(file) ? readResult(file) : null;
  }

  /** Of all finished runs, in the order of their folders' names. */
  results(): GridResult[] {
    return this.#runNames()
      .map((name) => join(this.runsDir, name, "result.json"))
      .filter((file) => existsSync(file))
      .map(readResult);
  }

  /** The runs that ended with an error and have not finished since. */
  failed(): FailedRun[] {
    return this.#runNames().flatMap((run) => {
      const [resultFile, errorFile] = ["result.json", "error.txt"].map((file) => join(this.runsDir, run, file));
      if (existsSync(resultFile) || !existsSync(errorFile)) return [];
      return [{ run, message: readTextFile(errorFile, TEXT_COST).split("\n", 1)[0] }];
    });
  }

  #runNames(): string[] {
    return existsSync(this.runsDir) ? readdirSync(this.runsDir).sort() : [];
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

const readResult = (file: string): GridResult =>
  requireShape<GridResult>(
    readJsonFile(file),
    gridResultShape,
    "this is not the result of a run; remove its folder and run the experiment again",
  );

/** Two datasets have the same digest when their annotations are the same. */
export function datasetDigest(dir: string): string {
  return createHash("sha256")
    .update(readFileSync(annotationsPath(dir)))
    .digest("hex");
}

/** The first difference between two values, in words; null where there is none. */
function difference(path: string, before: unknown, now: unknown): string | null {
  if (isDeepStrictEqual(before, now)) return null;
  if (path === "dataDigest") return "its dataset has other annotations";
  if (isObject(before) && isObject(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const inner = difference(`${path}.${key}`, before[key], now[key]);
      if (inner) return inner;
    }
  }
  const said = (value: unknown): string => (value === undefined ? "not set" : JSON.stringify(value));
  return `${path} is ${said(before)} there and ${said(now)} here`;
}
