// `demo` in small: what it leaves, that it replaces its own folder only, and what Ctrl-C says.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { RunFolder } from "../../runs/run-folder.ts";
import { signalAfterStep, start, succeed } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-demo-"));
after(() => rmSync(root, { recursive: true }));

const demo = ["demo", "--images", "4", "--size", "64", "--batch", "1"];
const run = (method: string): RunFolder => new RunFolder(join(root, "demo/runs", method));

test("all methods train alike; a table and a page come out", () => {
  const { stdout, lines } = succeed(root, ...demo, "--steps", "2", "--keep", "0.5", "--seed", "7");
  // what completeness counts; after two steps nothing sensible
  assert.match(
    lines.join("\n"),
    /^(about [\d.]+ % of the cells are|too few marks were found to say how many of the cells are) marked/m,
  );
  assert.match(stdout, /FPN {2}[\s\S]*FPN \+ BDE[\s\S]*FPN \+ completeness[\s\S]*\nreport: demo\/report\.html\n$/);
  assert.deepEqual(readdirSync(join(root, "demo")).sort(), [
    ".sparsecell-demo",
    "complete",
    "report.html",
    "report.json",
    "runs",
    "sparse",
  ]);
  const page = readFileSync(join(root, "demo/report.html"), "utf8");
  assert.ok(page.includes("npx sparsecell demo --images 4 --size 64 --keep 0.5 --steps 2 --batch 1 --seed 7"));

  const [fpn, bde, ours] = ["fpn", "bde", "completeness"].map((method) => run(method).record().config);
  assert.deepEqual({ ...fpn, method: "" }, { ...bde, method: "" });
  assert.deepEqual({ ...fpn, method: "" }, { ...ours, method: "" });
  // one image, one seed, one start: before the first update only what BDE calibrates can differ
  const [first, other] = [run("fpn").log()[0].parts, run("bde").log()[0].parts];
  assert.deepEqual([first.rpnClass, first.rpnBox, first.roiBox], [other.rpnClass, other.rpnBox, other.roiBox]);
  assert.ok(other.roiClass < first.roiClass);
});

test("Ctrl-C ends it with one line that says how to begin again; that replaces what the last one left", async () => {
  assert.ok(existsSync(join(root, "demo/report.html")));
  writeFileSync(join(root, "demo/notes.txt"), "mine");
  const stopped = await start(root, [...demo, "--steps", "50", "--keep", "0.5"], signalAfterStep("SIGINT")).finished;
  assert.deepEqual([stopped.status, stopped.stdout], [130, ""]);
  assert.equal(stopped.lines.length, 2, stopped.stderr);
  assert.equal(stopped.lines[0], "stopping after the current step; repeat to stop at once");
  assert.match(
    stopped.lines[1],
    /^stopped after step \d+ of 50 of the fpn training; start again with: npx sparsecell demo --images 4 --size 64 --keep 0\.5 --steps 50 --batch 1 --seed 1$/,
  );
  assert.ok(!existsSync(join(root, "demo/report.html")) && !run("bde").exists);
  assert.equal(readFileSync(join(root, "demo/notes.txt"), "utf8"), "mine");
});
