// Grids and slides on a real Slurm of one node, which this file starts: arrays, a node that dies, checkpoints and requeues,
// submitting twice, what people are told.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { distributedMissing } from "@sparsecell/torch";
import { jobName } from "../../cluster/job-folder.ts";
import { startSlurm, type TestSlurm, until } from "../../cluster/slurm.fixture.ts";
import { queueOf } from "../../cluster/slurm.ts";
import { statusOf } from "../../cluster/work-status.ts";
import { tinyProtocol, tinySettings, writeProtocol } from "../../experiment/run-grid.fixture.ts";
import type { GridResult } from "../../runs/grid.ts";
import { GridFolder } from "../../runs/grid-folder.ts";
import { RunFolder } from "../../runs/run-folder.ts";
import { picture, pyramid, writeSlide } from "../../slides/slide.fixture.ts";
import { tinyConfig, tinyDataset, untrainedRun } from "../../train/run.fixture.ts";
import { program, refuse, sparsecell, succeed } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli slurm-")); // with a blank, as folders of people have
let slurm: TestSlurm | string;
before(async () => {
  slurm = await startSlurm();
});
after(async () => {
  if (typeof slurm === "object") await slurm.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 10 });
});

/** A test that needs the daemons. */
const slurmTest = (name: string, run: (slurm: TestSlurm, context: TestContext) => Promise<void> | void): void => {
  test(name, (context: TestContext) => (typeof slurm === "string" ? context.skip(slurm) : run(slurm, context)));
};

function slurmCommand(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${stderr}`);
}

const path = (...parts: string[]): string => join(root, ...parts);
const counts = (dir: string) => statusOf(path(dir)).status.counts;
const none = { done: 0, running: 0, waiting: 0, failed: 0, left: 0 };
const log = (dir: string, file: string): string => readFileSync(path(dir, "slurm", file), "utf8");
/** What must not depend on interruptions. */
const facts = ({ trainSeconds, totalSeconds, ...result }: GridResult) => result;

slurmTest("a grid of 12 runs as an array: submitting twice, a node that dies, a run that fails", async (slurm) => {
  const presets = { ...tinyProtocol().presets, quick: { ...tinySettings, steps: 2 } };
  writeProtocol(root, "tiny.mjs", tinyProtocol({ seeds: [0, 1, 2], methods: ["fpn", "bde"], keeps: [0.5], presets }));
  const faulty = path("grid/runs/fold1-keep0.5-bde-seed2/checkpoint.safetensors");
  const submit = (...more: string[]) => succeed(root, "experiment", "tiny.mjs", "--executor", "slurm", "--out", "grid", ...more);
  const first = submit("--jobs", "2", "--sbatch", "--hold");
  const [, job, reportJob] = /^job (\d+): 12 runs\njob (\d+): the report, when all have ended\n$/.exec(first.stdout) ?? [];
  assert.deepEqual(counts("grid"), { ...none, waiting: 12 });
  const twice = submit();
  assert.deepEqual([twice.stdout, readdirSync(path("grid/slurm"))], ["", ["1"]]);
  assert.match(twice.stderr, /^nothing to submit, 12 already in the queue$/m);
  mkdirSync(join(faulty, ".."), { recursive: true });
  writeFileSync(faulty, "no weights");
  slurmCommand("scontrol", "release", job, reportJob);

  await until("a run at work", () => counts("grid").running > 0);
  const lost = statusOf(path("grid")).status.pieces.filter(({ state }) => state === "running");
  await slurm.killNode();
  await slurm.startNode();
  await until("the end of all runs", () => counts("grid").done + counts("grid").failed === 12);
  assert.deepEqual(counts("grid"), { ...none, done: 11, failed: 1 });
  const { status, stdout, lines } = sparsecell(root, "status", "grid");
  assert.equal(status, 1);
  assert.match(stdout, /^grid: 12 runs: 11 done, 1 failed\n {2}failed: fold1-keep0\.5-bde-seed2: .*checkpoint\.safetensors: /);
  assert.match(stdout, /see .*grid\/slurm\/1\/11\.log\n$/);
  assert.deepEqual(lines, ["sparsecell: grid: 1 of 12 failed; the same command tries again"]);
  await until("the report", () => existsSync(path("grid/report/report.html")));

  rmSync(faulty);
  assert.match(submit().stdout, /^job \d+: 1 runs$/m);
  await until("the last run", () => counts("grid").done === 12);
  assert.ok(lost.length > 0);
  const [, fold, method, seed] = /^fold(\d)-keep0\.5-(\w+)-seed(\d)$/.exec(lost[0].name) as RegExpExecArray;
  succeed(root, "experiment", "tiny.mjs", "--folds", fold, "--methods", method, "--seeds", seed, "--out", "straight");
  const [straight] = new GridFolder(path("straight")).results().map(facts);
  assert.deepEqual(
    new GridFolder(path("grid"))
      .results()
      .map(facts)
      .find(({ unit }) => JSON.stringify(unit) === JSON.stringify(straight.unit)),
    straight,
  );
});

const LONG = "runs/fold0-keep0.5-fpn-seed0";
const long = (out: string, ...more: string[]) => [
  "experiment",
  "long.mjs",
  ...["--folds", "0", "--keeps", "0.5", "--methods", "fpn", "--keep-models", "--out", out],
  ...more,
];

/** Holds the training of `out` after its step `step` until something has happened to its element, such as a signal. */
async function during(out: string, step: number, act: (element: string) => void, pendingSignal?: number): Promise<void> {
  const lines = (): number =>
    existsSync(path(out, LONG, "log.jsonl")) ? readFileSync(path(out, LONG, "log.jsonl"), "utf8").split("\n").length - 1 : 0;
  await until(`step ${step}`, () => lines() >= step);
  const pid = Number(readlinkSync(path(out, LONG, "lock")).split(" ")[0]);
  process.kill(pid, "SIGSTOP");
  const [line] = queueOf(jobName(path(out))).filter(({ state, index }) => state === "running" && index !== null);
  act(`${line.job}_${line.index}`);
  if (pendingSignal === undefined) return; // scancel lets it go on
  const pending = (): boolean => {
    const found = /^ShdPnd:\t(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return (BigInt(`0x${found?.[1] ?? 0}`) & (1n << BigInt(pendingSignal - 1))) !== 0n;
  };
  await until("the signal", pending);
  process.kill(pid, "SIGCONT");
}

slurmTest("cancelled, submitted again, warned of its time limit, requeued: the same bits as without", async () => {
  const { presets } = tinyProtocol();
  writeProtocol(root, "long.mjs", tinyProtocol({ presets: { ...presets, quick: { ...tinySettings, steps: 40 } } }));
  succeed(root, ...long("undisturbed"));
  succeed(root, ...long("disturbed", "--executor", "slurm", "--time", "60"));
  await during("disturbed", 2, () => succeed(root, "cancel", "disturbed"));
  await until("the end of what was cancelled", () => queueOf(jobName(path("disturbed"))).every(({ state }) => state === "ended"));
  assert.match(log("disturbed", "1/0.log"), /^stopped: fpn, fold 0, 50 %, seed 0 after step \d+ of 40$/m);
  const { stdout } = sparsecell(root, "status", "disturbed");
  assert.match(stdout, /^ {2}left: fold0-keep0\.5-fpn-seed0: step \d+ of 40; cancelled$/m);

  const before = new GridFolder(path("disturbed")).run({ fold: 0, keep: 0.5, method: "fpn", seed: 0 }).log().length;
  succeed(root, ...long("disturbed", "--executor", "slurm", "--time", "60"));
  await during("disturbed", before + 2, (element) => slurmCommand("scancel", "--signal=USR1", "--batch", element), 10);
  await until("its return into the queue", () => /^element 0[\s\S]*^element 0/m.test(log("disturbed", "2/0.log")));
  await until("its end", () => counts("disturbed").done === 1);
  const [a, b] = ["undisturbed", "disturbed"].map((out) => [
    readFileSync(path(out, LONG, "log.jsonl"), "utf8"),
    readFileSync(path(out, LONG, "model.safetensors")).toString("base64"),
    new GridFolder(path(out)).results().map(facts),
  ]);
  assert.deepEqual(b, a);
});

slurmTest("slides as an array: the same files as here; what is done is not submitted again", async () => {
  const dataset = await tinyDataset(root);
  const { detector } = tinyConfig(dataset);
  const input = { kind: "resolution", window: 64, mpp: 0.5, scale: 1 } as const;
  untrainedRun(path("run"), dataset, { detector: { ...detector, input } });
  const levels = pyramid(picture(500, 400));
  mkdirSync(path("slides"));
  for (const name of ["a.tif", "b.tif"]) await writeSlide(path("slides", name), { levels, resolution: 40_000 });
  const predict = (out: string, ...more: string[]) =>
    succeed(root, "predict", "--model", "run", "--no-tissue", "--tile", "384", "slides", "--out", out, ...more);
  predict("here");
  assert.match(predict("found", "--executor", "slurm", "--jobs", "1").stdout, /^job \d+: 2 slides\n$/);
  await until("both slides", () => counts("found").done === 2);
  for (const slide of readdirSync(path("here")))
    assert.deepEqual(
      readFileSync(path("found", slide, "cells.geojson.gz")),
      readFileSync(path("here", slide, "cells.geojson.gz")),
    );
  assert.match(predict("found", "--executor", "slurm").stderr, /^nothing to submit, 2 already finished$/m);
  assert.match(succeed(root, "status", "found").stdout, /^found: 2 slides: 2 done$/m);
});

slurmTest("one training on the tasks of srun comes to the bits of as many processes of our own launcher", async (_, context) => {
  const missing = distributedMissing();
  if (missing !== null) return context.skip(missing);
  const dataset = await tinyDataset(path("processes"));
  const config = tinyConfig(dataset, { steps: 3, batch: 2, processes: 2, threads: 1 });
  for (const name of ["launched", "tasks"]) new RunFolder(path(name)).create({ config, versions: {}, started: "" });
  succeed(root, "train", "--resume", "launched");
  const { status, stderr } = spawnSync("srun", ["--ntasks=2", process.execPath, program, "train", "--resume", "tasks"], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const [launched, tasks] = ["launched", "tasks"].map((name) => readFileSync(path(name, "model.safetensors")));
  assert.ok(tasks.equals(launched));
});

slurmTest("what Slurm refuses is one line in its words, and leaves no submission", () => {
  writeProtocol(root, "refused.mjs", tinyProtocol());
  const submit = (...more: string[]) => ["experiment", "refused.mjs", "--executor", "slurm", "--out", "refused", ...more];
  refuse(
    root,
    [submit("--partition", "none"), /^sbatch: invalid partition specified: none; .*; the partitions are test; choose one/],
    [submit("--time", "soon"), /^sbatch: Invalid --time specification; check --time$/],
    [submit("--sbatch", "--nonsense"), /^sbatch: unrecognized option '--nonsense'/],
    [["status", "refused/slurm"], /^refused\/slurm: is not a grid, a run or a folder that was submitted with --executor slurm/],
    [["cancel", "refused"], /^refused: nothing of it was submitted; stop a local command with Ctrl-C$/],
  );
  assert.deepEqual(readdirSync(path("refused/slurm")), []);
});

test("without Slurm's commands", () => {
  writeProtocol(root, "here.mjs", tinyProtocol());
  const { PATH } = process.env;
  process.env.PATH = path("nothing");
  try {
    refuse(root, [
      ["experiment", "here.mjs", "--executor", "slurm", "--out", "nowhere"],
      /^sbatch: no such command; run this where Slurm's commands are, on a cluster's login node$/,
    ]);
  } finally {
    process.env.PATH = PATH;
  }
  assert.ok(!existsSync(path("nowhere")));
  refuse(
    root,
    [["experiment", "here.mjs", "--time", "5", "--out", "nowhere"], /^experiment: --time is for --executor slurm; pass both$/],
    [["experiment", "here.mjs", "--sbatch", "mem=1G"], /It must be an option of sbatch, such as --mem=16G\.?/],
    [["status", "slides-of-nobody"], /^slides-of-nobody: no such folder; check the path$/],
  );
});
