// A run or a grid that somebody watches: what it is, how far it is, its tables, and its report, made again whenever a training of a
// grid has finished. Nothing is written into its folder.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Curves, Watch, WatchedTraining } from "../api.ts";
import { Announcer } from "../project/announcer.ts";
import { byKeep, GridFolder, type GridResult, keepText, printable, RunFolder, reason, unitId, unitText } from "../sparsecell.ts";
import { curvesOf, type TrainingPlace, traceOf, trainingAt } from "./training.ts";

const EVERY = 1000; // ms: folders on other machines tell nobody what changes, so they are looked at

/** Whether `path` is the folder of a run or of a grid. */
export function watchedKind(path: string): Watch["kind"] | null {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return null;
  if (existsSync(join(path, "grid.json"))) return "grid";
  return existsSync(join(path, "config.json")) && !existsSync(join(path, "annotations.json")) ? "run" : null;
}

export class Watched {
  readonly kind: Watch["kind"];
  readonly path: string;
  readonly events = new Announcer();
  readonly #traces = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  readonly #reports: Reports | null;

  /** Throws a UserError when its record is damaged. */
  constructor(kind: Watch["kind"], path: string) {
    this.kind = kind;
    this.path = resolve(path);
    this.#places(); // says now what is wrong
    this.#reports = kind === "grid" ? new Reports(this.path, () => this.#changed([], true)) : null;
    this.#look();
    this.#timer = setInterval(() => this.#look(), EVERY).unref();
  }

  watch(): Watch {
    const made = this.#reports?.made ?? null;
    const common = { version: 1 as const, kind: this.kind, path: this.path, report: made === null ? null : { made } };
    const trainings = this.#places().map(trainingAt);
    if (this.kind === "grid") {
      const folder = new GridFolder(this.path);
      const { title, settings } = folder.record();
      return { ...common, title, settings, plan: [], trainings, tables: tablesOf(folder.results()) };
    }
    const { config, plan = [], versions } = new RunFolder(this.path).record();
    const settings = [
      { label: "method", value: config.method },
      { label: "dataset", value: config.data },
      { label: "steps", value: String(config.steps) },
      ...Object.entries(versions).map(([label, value]) => ({ label, value })),
    ];
    return { ...common, title: basename(this.path), settings, plan, trainings, tables: [] };
  }

  /** null where there is no such training. */
  curves(id: string): Curves | null {
    const place = this.#places().find((each) => each.id === id);
    return place ? curvesOf(place.dir) : null;
  }

  /** The folder of its pictures; null where there is no such training. */
  pictures(id: string): string | null {
    const place = this.#places().find((each) => each.id === id);
    return place ? join(place.dir, "pictures") : null;
  }

  /** The page of the report; null while there is none. */
  report(): Buffer | null {
    return this.#reports?.page() ?? null;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reports?.close();
  }

  #places(): TrainingPlace[] {
    if (this.kind === "run") {
      const run = new RunFolder(this.path);
      const { config } = run.record();
      const name = basename(this.path);
      return [{ id: name, name: config.method, dir: this.path, steps: config.steps, error: null, isFinished: run.isFinished }];
    }
    const folder = new GridFolder(this.path);
    const record = folder.record();
    const folds = record.wantedFolds ?? Array.from({ length: record.folds }, (_, fold) => fold);
    const errors = new Map(folder.failed().map(({ run, message }) => [run, message]));
    return record.seeds.flatMap((seed) =>
      folds.flatMap((fold) =>
        [...record.keeps].sort(byKeep).flatMap((keep) =>
          record.methods.map((method) => {
            const unit = { fold, keep, method, seed };
            const { dir } = folder.run(unit);
            const [id, isFinished] = [unitId(unit), existsSync(join(dir, "result.json"))];
            return { id, name: unitText(unit), dir, steps: record.train.steps, error: errors.get(id) ?? null, isFinished };
          }),
        ),
      ),
    );
  }

  #look(): void {
    try {
      const places = this.#places();
      const changed = places.filter(({ id, dir }) => {
        const trace = traceOf(dir);
        const before = this.#traces.get(id);
        this.#traces.set(id, trace);
        return before !== trace;
      });
      if (changed.length > 0)
        this.#changed(
          changed.map(({ id }) => id),
          false,
        );
      this.#reports?.want(places.filter(({ isFinished }) => isFinished).length);
    } catch (error) {
      this.events.send("problem", { message: printable(reason(error)) }); // a file may be half-written
    }
  }

  #changed(trainings: readonly WatchedTraining["id"][], report: boolean): void {
    this.events.send("watch", { trainings, report });
  }
}

/** F1, recall and average precision by method and rate: means over the finished runs. */
function tablesOf(results: readonly GridResult[]): Watch["tables"] {
  const groups = new Map<string, GridResult[]>();
  for (const result of results) {
    const key = JSON.stringify([result.unit.method, result.unit.keep]);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  const rows = [...groups.values()]
    .sort(([{ unit: a }], [{ unit: b }]) => byKeep(a.keep, b.keep) || (a.method < b.method ? -1 : 1))
    .map((group) => {
      const percent = (of: (result: GridResult) => number) =>
        `${((100 * group.reduce((sum, result) => sum + of(result), 0)) / group.length).toFixed(1)} %`;
      const [{ label, unit }] = group;
      return [
        label,
        keepText(unit.keep),
        String(group.length),
        percent(({ measures }) => measures.bestF1),
        percent(({ measures }) => measures.ap11),
        percent(({ measures }) => measures.recall),
      ];
    });
  if (rows.length === 0) return [];
  const head = ["method", "annotations kept", "finished", "best F1", "AP (11 levels)", "recall"];
  return [{ title: "Means of the finished trainings", head, rows }];
}

/** The report of a grid, made by the command `report` in a process of low priority. */
class Reports {
  made: string | null = null;
  readonly #dir: string;
  readonly #out = mkdtempSync(join(tmpdir(), "sparsecell-report-"));
  readonly #onMade: () => void;
  #finished = 0;
  #process: { kill(): void; ended: Promise<void> } | null = null;

  constructor(dir: string, onMade: () => void) {
    this.#dir = dir;
    this.#onMade = onMade;
  }

  page(): Buffer | null {
    const file = join(this.#out, "report.html");
    return existsSync(file) ? readFileSync(file) : null;
  }

  /** Makes it when more trainings have finished than it shows. */
  want(finished: number): void {
    if (finished === this.#finished || this.#process !== null) return;
    this.#finished = finished;
    const program = fileURLToPath(new URL("../../../bin/sparsecell.js", import.meta.url));
    const child = spawn(process.execPath, [program, "report", this.#dir, "--out", this.#out], { stdio: "ignore" });
    try {
      if (child.pid !== undefined) setPriority(child.pid, 10);
    } catch {} // it ended at once, or the system has no priorities
    const ended = new Promise<void>((resolve) => child.on("error", () => resolve()).on("close", () => resolve()));
    this.#process = { kill: () => child.kill(), ended };
    ended.then(() => {
      this.#process = null;
      if (child.exitCode !== 0) return;
      this.made = new Date().toISOString();
      this.#onMade();
    });
  }

  async close(): Promise<void> {
    this.#process?.kill();
    await this.#process?.ended;
    rmSync(this.#out, { recursive: true, force: true });
  }
}
