// How far folders are, without a Slurm: files, locks, logs, and a squeue that prints what it is told.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeMadeUpGrid } from "../runs/grid.fixture.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { tinyConfig, tinyDataset } from "../train/run.fixture.ts";
import { newJobFolder } from "./job-folder.ts";
import type { PieceStatus } from "./status.ts";
import { secondsLeft, statusOf } from "./work-status.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "work-status-")));
const { PATH } = process.env;
before(() => {
  process.env.PATH = join(root, "bin");
});
after(() => {
  process.env.PATH = PATH;
  rmSync(root, { recursive: true });
});

/** As another process that is alive holds it. */
const lock = (...parts: string[]): void => symlinkSync(`${process.ppid} - ${hostname()}`, join(root, ...parts, "lock"));
const statesOf = (dir: string) =>
  Object.fromEntries(statusOf(join(root, dir)).status.pieces.map(({ name, state, reason }) => [name, [state, reason]]));

test("a local grid: done, failed, running, left; waiting while an experiment works on it", async () => {
  await writeMadeUpGrid({
    dir: join(root, "local"),
    images: 6,
    folds: 2,
    keeps: [0.5],
    methods: ["fpn", "bde"],
    missing: ({ fold }) => fold === 1,
    failing: ({ fold, method }) => (fold === 0 && method === "bde" ? "cell.png: cannot be read" : null),
  });
  mkdirSync(join(root, "local/runs/fold1-keep0.5-fpn-seed0"), { recursive: true });
  lock("local/runs/fold1-keep0.5-fpn-seed0");
  const expected = {
    "fold0-keep0.5-fpn-seed0": ["done", undefined],
    "fold0-keep0.5-bde-seed0": ["failed", "cell.png: cannot be read"],
    "fold1-keep0.5-fpn-seed0": ["running", undefined],
    "fold1-keep0.5-bde-seed0": ["left", undefined],
  };
  assert.deepEqual(statesOf("local"), expected);
  const { kind, counts } = statusOf(join(root, "local")).status;
  assert.deepEqual([kind, counts], ["grid", { done: 1, running: 1, waiting: 0, failed: 1, left: 1 }]);
  lock("local");
  assert.deepEqual(statesOf("local")["fold1-keep0.5-bde-seed0"], ["waiting", undefined]);
});

test("a training: its step, and how long the rest takes at its pace", async () => {
  const run = new RunFolder(join(root, "run"));
  run.create({ config: tinyConfig(await tinyDataset(root), { steps: 10 }), versions: {}, started: "" });
  for (const [step, seconds] of [3, 2, 1].entries()) run.append({ step: step + 1, loss: 1, parts: {}, lr: 1 }, seconds);
  assert.deepEqual(statusOf(run.dir).status.pieces, [{ name: run.dir, state: "left", step: 3, steps: 10 }]);
  lock("run");
  const { status } = statusOf(run.dir);
  assert.deepEqual([status.kind, status.pieces[0].state, status.secondsLeft], ["run", "running", 14]);
});

test("elements by Slurm's words, by their logs, and by the newest of several submissions", () => {
  const dir = join(root, "slides");
  mkdirSync(dir);
  const submission = (names: readonly string[], logs: { readonly [name: string]: string }) => {
    const folder = newJobFolder(dir);
    const line = (name: string) => JSON.stringify({ name, command: ["predict"], files: [join(dir, `${name}.cells`)] });
    writeFileSync(folder.listFile, names.map((name) => `${line(name)}\n`).join(""));
    for (const [name, text] of Object.entries(logs)) writeFileSync(folder.logFile(names.indexOf(name)), text);
    return folder;
  };
  const names = ["done", "slow", "big", "taken", "held", "works", "gone", "new", "never"];
  const first = submission(names, {
    slow: "sparsecell\nslurmstepd: error: *** JOB 4 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***\n",
    taken: "half way\nslurmstepd: error: *** JOB 4 ON n1 CANCELLED AT 2026-01-01T00:00:00 ***\n",
    gone: "sparsecell: gone.svs: no such file\n",
    new: "sparsecell: was wrong\n",
  });
  const second = submission(["new"], {});
  writeFileSync(join(dir, "done.cells"), "");
  const row = (folder: { dir: string }, i: number, state: string, reason: string) =>
    `7|${i}|${state}|${reason}|n1|1:02|${folder.dir}`;
  const rows = [
    row(first, 0, "COMPLETED", "None"),
    row(first, 1, "TIMEOUT", "TimeLimit"),
    row(first, 2, "OUT_OF_MEMORY", "OutOfMemory"),
    row(first, 4, "PENDING", "JobHeldUser"),
    row(first, 5, "RUNNING", "None"),
    row(second, 0, "PENDING", "Priority"),
    `8|N/A|PENDING|Dependency||0:00|${first.dir}`,
    `9|0|RUNNING|None|n1|0:01|${dir}/slurm/of-another`,
  ];
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin/squeue"), `#!/bin/sh\necho '${rows.join("\n")}'\n`);
  chmodSync(join(root, "bin/squeue"), 0o755);
  assert.deepEqual(statesOf("slides"), {
    new: ["waiting", "Priority"],
    done: ["done", undefined],
    slow: ["failed", "TIMEOUT: sparsecell"],
    big: ["failed", "OUT_OF_MEMORY: OutOfMemory"],
    taken: ["left", "cancelled"],
    held: ["waiting", "JobHeldUser"],
    works: ["running", undefined],
    gone: ["failed", "sparsecell: gone.svs: no such file"],
    never: ["left", "never began"],
  });
  const works = statusOf(dir).status.pieces.find(({ name }) => name === "works");
  assert.deepEqual(works, { name: "works", state: "running", job: "7_5", node: "n1", elapsed: "1:02" });

  rmSync(join(root, "bin/squeue"));
  const { silent, status } = statusOf(dir);
  assert.match(silent ?? "", /^squeue: no such command;/);
  assert.deepEqual(status.counts, { done: 1, running: 0, waiting: 0, failed: 0, left: 8 });
});

test("time left: what remains of the running and the waiting, as many at a time as run now", () => {
  const piece = (state: PieceStatus["state"], step?: number): PieceStatus => ({ name: "", state, step, steps: 10 });
  assert.equal(
    secondsLeft([piece("running", 5), piece("running", 0), piece("waiting"), piece("failed", 2), piece("done")], 60),
    75,
  );
  assert.equal(secondsLeft([piece("waiting")], 60), null);
  assert.equal(secondsLeft([piece("running", 5)], null), null);
});
