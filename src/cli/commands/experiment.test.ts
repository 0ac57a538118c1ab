// A whole grid from the command line: every run once, whatever happens in between.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Bias } from "../../data/bias/biases.ts";
import { readDataset } from "../../data/dataset-folder.ts";
import { sparsifyWithBias } from "../../data/sparsify.ts";
import { foldOf } from "../../data/split.ts";
import { type TrainingFacts, trainingFacts } from "../../data/training-facts.ts";
import { tinyProtocol, tinySettings, writeProtocol } from "../../experiment/run-grid.fixture.ts";
import type { GridResult } from "../../runs/grid.ts";
import { GridFolder } from "../../runs/grid-folder.ts";
import { filesOf } from "../../runs/run-files.fixture.ts";
import { lastSteps } from "../../tracking/event-reader.ts";
import { program, refuse, sparsecell, start, succeed } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-experiment-"));
after(() => rmSync(root, { recursive: true }));

const path = (...parts: string[]): string => join(root, ...parts);
const run = (out: string, ...parts: string[]): string => path(out, "runs/fold0-keep0.5-fpn-seed0", ...parts);
const one = ["--folds", "0", "--keeps", "0.5", "--methods", "fpn"];
/** What must not depend on interruptions. */
const facts = ({ trainSeconds, totalSeconds, ...result }: GridResult) => result;

let straight: GridResult[];
before(() => {
  writeProtocol(root, "tiny.mjs", tinyProtocol());
  const { stdout, stderr } = succeed(root, "experiment", "tiny.mjs", "--folds", "0", "--keeps", "0.5", "--out", "grid");
  assert.equal(stdout, "");
  assert.match(stderr, /^tiny, preset quick: 2 runs$/m);
  assert.match(stderr, /^1\/2 {2}fpn, fold 0, 50 %, seed 0: AP .* %, recall .* %, .*in 0:\d\d, 0:\d\d left$/m);
  assert.match(stderr, /^2\/2 {2}constant-weight:weight=0.5, fold 0, 50 %, seed 0: AP .*in 0:\d\d$/m);
  assert.match(stderr, /^2 of 2 runs are finished, after 0:\d\d$/m);
  straight = new GridFolder(path("grid")).results();
});

test("a finished run leaves results, log and detections, no model and no second dataset", () => {
  assert.deepEqual(readdirSync(run("grid")).sort(), [
    "config.json",
    "density.jsonl",
    "detections.json",
    "log.jsonl",
    "provenance.json",
    "result.json",
    "timings.jsonl",
  ]);
  assert.deepEqual(readdirSync(path("grid")).sort(), ["dataset", "grid.json", "runs"]);
  const [constant, fpn] = straight;
  assert.deepEqual([fpn.unit, fpn.label], [{ fold: 0, keep: 0.5, method: "fpn", seed: 0 }, "FPN"]);
  assert.deepEqual(constant.counts, fpn.counts);
  const { trainImages, visible, hidden, testImages, testCells } = fpn.counts;
  assert.deepEqual([trainImages, testImages], [4, 4]);
  assert.ok(Math.abs(visible - hidden) <= 1 && testCells === fpn.measures.truths && fpn.measures.images === 4);
  assert.deepEqual(
    fpn.losses.map(({ step }) => step),
    [1, 2, 3, 4, 5, 6],
  );
  assert.notDeepEqual(fpn.losses, constant.losses);
  assert.deepEqual(
    constant.density.map(({ step, groups }) => [step, groups.background.weight]),
    [1, 2, 4, 5, 6].map((step) => [step, 0.5]),
  );
  assert.ok(fpn.trainSeconds > 0 && fpn.totalSeconds > fpn.trainSeconds);
});

test("a finished run is never run again; what is new is added to the grid", () => {
  const before = statSync(run("grid", "result.json")).mtimeMs;
  const { stderr } = succeed(
    root,
    "experiment",
    "tiny.mjs",
    "--folds",
    "0",
    "--keeps",
    "0.5,1",
    "--methods",
    "fpn",
    "--keep-models",
    "--out",
    "grid",
  );
  assert.match(stderr, /^tiny, preset quick: 2 runs, 1 already finished$/m);
  assert.match(stderr, /^2\/2 {2}fpn, fold 0, 100 %/m);
  assert.equal(statSync(run("grid", "result.json")).mtimeMs, before);
  assert.ok(existsSync(path("grid/runs/fold0-keep1-fpn-seed0/model.safetensors")));
});

test("a space in a path: the command that the grid records is the one to type", () => {
  writeProtocol(path("my files"), "tiny.mjs", tinyProtocol());
  const words = ["--folds", "0", "--methods", "fpn", "--keeps", "0.5", "--out", "my files/grid"];
  succeed(root, "experiment", "my files/tiny.mjs", ...words);
  const { command } = new GridFolder(path("my files/grid")).record();
  assert.equal(
    command,
    "npx sparsecell experiment 'my files/tiny.mjs' --preset quick --folds 0 --methods fpn --keeps 0.5 --out 'my files/grid'",
  );
  const npx = `npx() { shift; "${process.execPath}" "${program}" "$@"; }`;
  const { status, stderr } = spawnSync("sh", ["-c", `${npx}; ${command}`], { cwd: root, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^tiny, preset quick: 1 runs, 1 already finished$/m);
});

test("--bias: the run sees the annotations of sparsifyWithBias, and the grid says so", async () => {
  succeed(root, "experiment", "tiny.mjs", ...one, "--bias", "clusters", "--out", "biased");
  const { bias, command, data, folds, splitSeed } = new GridFolder(path("biased")).record();
  assert.equal(bias, "clusters");
  assert.match(command, / --keeps 0\.5 --bias clusters --out biased$/);
  const { training } = foldOf(readDataset(data), { folds, fold: 0, seed: splitSeed });
  const { dataset } = JSON.parse(readFileSync(run("biased", "config.json"), "utf8")) as { dataset: TrainingFacts };
  const seen = async (kind?: Bias) =>
    trainingFacts(await sparsifyWithBias(training, { keep: 0.5, seed: 0, bias: kind })).annotations;
  assert.deepEqual(dataset.annotations, await seen("clusters"));
  assert.notDeepEqual(dataset.annotations, await seen());
});

test("--track: each run is followed, one of a continued grid too, and measures the same", () => {
  refuse(root, [["experiment", "tiny.mjs", ...one, "--track", "mlflow", "--out", "followed"], /MLFLOW_TRACKING_URI/]);
  // How much was written when a training ended depends on the machine, so there are some more tries.
  const followed = (attempt: number): boolean => {
    const grid = new GridFolder(path(`followed-${attempt}`));
    const words = ["experiment", "tiny.mjs", "--folds", "0", "--keeps", "0.5", "--out", grid.dir];
    succeed(root, ...words, "--methods", "fpn", "--track", "tensorboard");
    succeed(root, ...words, "--methods", "constant-weight:weight=0.5");
    assert.deepEqual(grid.results().map(facts), straight.map(facts));
    const steps = grid.results().map(({ unit }) => lastSteps(grid.run(unit).dir).get("loss"));
    return steps.every((step) => step !== undefined && step >= 1 && step <= 6);
  };
  assert.ok([1, 2, 3, 4, 5].some(followed));
});

test("--dry-run counts the runs and estimates their time, and leaves nothing behind", () => {
  const fresh = succeed(root, "experiment", "tiny.mjs", "--dry-run", "--seeds", "0,1,2", "--out", "none");
  assert.match(
    fresh.stdout,
    /^tiny, preset quick: 24 runs, 0 finished; about \d:\d\d for the other 24 \(\d\.\d\d s per step on this machine/,
  );
  const begun = succeed(root, "experiment", "tiny.mjs", "--dry-run", "--out", "grid");
  assert.match(
    begun.stdout,
    /^tiny, preset quick: 8 runs, 3 finished; about \d:\d\d for the other 5 \(estimated from the finished runs/,
  );
  assert.ok(!existsSync(path("none")));
});

/** Starts the one run with more steps in `out`, and waits until some are done. */
async function begin(out: string) {
  writeProtocol(root, "long.mjs", tinyProtocol({ presets: { ...tinyProtocol().presets, quick: { ...tinySettings, steps: 8 } } }));
  const running = start(root, ["experiment", "long.mjs", ...one, "--out", out], () => {});
  while (!existsSync(run(out, "log.jsonl"))) await setTimeout(10);
  return running;
}
const steps = (out: string): number[] =>
  readFileSync(run(out, "log.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { step: number }).step);
const goOn = (out: string) => succeed(root, "experiment", "long.mjs", ...one, "--out", out);
const all = Array.from({ length: 8 }, (_, i) => i + 1);

test("Ctrl-C ends the runs at work with a checkpoint, kill -9 too; the same command goes on, with the same result", async () => {
  const stopped = await begin("stopped");
  stopped.child.kill("SIGINT");
  const { status, lines } = await stopped.finished;
  assert.equal(status, 130);
  const done = steps("stopped").length;
  assert.ok(done >= 1 && done < 8);
  assert.deepEqual(lines.slice(-3), [
    "stopping after the current step; repeat to stop at once",
    `stopped: fpn, fold 0, 50 %, seed 0 after step ${done} of 8`,
    "0 of 1 runs are finished; resume with the same command",
  ]);
  const left = filesOf(run("stopped")).filter((name) => name !== "density.jsonl"); // of some steps
  assert.deepEqual(left.sort(), ["checkpoint.safetensors", "config.json", "log.jsonl", "timings.jsonl"]);
  goOn("stopped");
  assert.deepEqual(steps("stopped"), all);

  const killed = await begin("killed");
  killed.child.kill("SIGKILL");
  await killed.finished;
  goOn("killed"); // at once: it waits for the run that the dead process has left behind
  assert.deepEqual(steps("killed"), all);

  const [a, b] = ["stopped", "killed"].map((out) => new GridFolder(path(out)).results().map(facts));
  assert.deepEqual(a, b);
  assert.equal(a.length, 1);
});

test("a failed run says why, stops no other, and is tried again", () => {
  const grid = (...more: string[]) => [
    "experiment",
    "tiny.mjs",
    "--folds",
    "0",
    "--keeps",
    "0.5",
    "--jobs",
    "2",
    "--out",
    "failing",
    ...more,
  ];
  mkdirSync(run("failing"), { recursive: true });
  writeFileSync(path("failing/grid.json"), readFileSync(path("grid/grid.json")));
  writeFileSync(run("failing", "checkpoint.safetensors"), "no weights");

  const { status, stdout, lines } = sparsecell(root, ...grid());
  assert.deepEqual([status, stdout], [1, ""]);
  assert.ok(
    lines.some((line) => /^failed: fpn, fold 0, 50 %, seed 0: .*checkpoint\.safetensors: .*remove it and resume/.test(line)),
  );
  assert.ok(lines.some((line) => /^1\/2 {2}constant-weight:weight=0.5, fold 0, 50 %/.test(line)));
  assert.match(lines.at(-1) as string, /^sparsecell: 1 of 2 runs failed \(see error.txt .*\): fpn, fold 0, 50 %, seed 0$/);
  assert.match(readFileSync(run("failing", "error.txt"), "utf8"), /checkpoint\.safetensors/);

  rmSync(run("failing", "checkpoint.safetensors"));
  succeed(root, ...grid());
  assert.ok(!existsSync(run("failing", "error.txt")));
  assert.deepEqual(new GridFolder(path("failing")).results().map(facts), straight.map(facts));
});

test("what cannot be is one line", () => {
  const experiment = (...args: string[]) => ["experiment", ...args];
  writeProtocol(root, "half.mjs", { name: "half" } as ReturnType<typeof tinyProtocol>);
  writeFileSync(path("none.mjs"), "export const other = 1;\n");
  writeFileSync(path("mine.ts"), "export const protocol = {};\n");
  const { presets } = tinyProtocol();
  const quick = { ...tinySettings, augment: "yes" } as unknown as typeof tinySettings;
  writeProtocol(root, "wrong.mjs", tinyProtocol({ presets: { ...presets, quick } }));
  writeProtocol(root, "changed.mjs", tinyProtocol({ splitSeed: 9 }));
  writeProtocol(root, "big.mjs", { ...tinyProtocol(), bias: "big" } as unknown as ReturnType<typeof tinyProtocol>);
  refuse(
    root,
    [experiment("tiny.mjs"), /^experiment: missing --out; pass a folder for the grid$/],
    [experiment("nothing", "--out", "o"), /^nothing: unknown experiment; expected .*\bmbm\b.*, or a \.js or \.mjs file$/],
    [experiment("nothing.mjs", "--out", "o"), /^nothing\.mjs: no such file; check the path$/],
    [experiment("mine.ts", "--out", "o"), /^mine\.ts: TypeScript outside the project's experiments\/ is not compiled/],
    [experiment("none.mjs", "--out", "o"), /^none\.mjs: does not export a protocol; write: export const protocol = \{ … \}$/],
    [experiment("half.mjs", "--out", "o"), /^half\.mjs: its protocol is missing title, paper, /],
    [experiment("wrong.mjs", "--out", "o"), /^wrong\.mjs: presets\.quick\.augment: expected true or false, got "yes"$/],
    [experiment("big.mjs", "--out", "o"), /^big\.mjs: protocol\.bias: expected "size" or .* or "clusters", got "big"$/],
    [
      experiment("tiny.mjs", "--bias", "big", "--out", "o"),
      /'--bias <kind>' argument 'big' is invalid\. Allowed choices are size, /,
    ],
    [
      experiment("tiny.mjs", "--bias", "dark", "--keeps", "one-per-image", "--dry-run"),
      /^tiny: a bias needs a retention rate in \(0, 1\], got one-per-image; leave out one of them$/,
    ],
    [experiment("tiny.mjs", "--folds", "2", "--out", "o"), /^tiny: unknown fold 2; expected 0 to 1$/],
    [
      experiment("tiny.mjs", "--keeps", "0.5,2", "--out", "o"),
      /'0\.5,2' is invalid\. It must be a rate in \(0, 1\], or one-per-image/,
    ],
    [experiment("tiny.mjs", "--methods", "sgd", "--out", "o"), /^unknown method "sgd"/],
    [experiment("tiny.mjs", "--data", "grid/dataset", "--out", "o"), /makes its own dataset; leave out --data$/],
    [
      experiment("changed.mjs", "--out", "grid"),
      /^grid\/grid\.json: is another grid: splitSeed is 0 there and 9 here; choose another --out$/,
    ],
  );
  assert.ok(!existsSync(path("o")));
});
