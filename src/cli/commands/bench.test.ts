import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { refuse, succeed } from "../cli.fixture.ts";

const tiny = ["--backbone", "resnet18", "--size", "32", "--threads", "1", "--boxes", "3", "--rois", "16"];

test("bench step prints the median time of a step and the peak of memory, as JSON or for people", () => {
  const one = ["bench", "step", ...tiny];
  const { stdout, stderr } = succeed(tmpdir(), ...one, "--steps", "3", "--method", "bde", "--dtype", "bfloat16", "--json");
  assert.equal(stderr, "");
  assert.match(stdout, /^\{.*\}\n$/);
  const { part, seconds, all, peakMiB, threads } = JSON.parse(stdout);
  assert.equal(seconds, [...all].sort((a, b) => a - b)[1]);
  assert.ok(part === "step" && all.length === 3 && seconds > 0 && peakMiB > 50);
  assert.equal(threads, 1);
  assert.match(
    succeed(tmpdir(), ...one, "--steps", "1").stdout,
    /^training step \(resnet18, 32 × 32, float32, batch 1, 16 RoIs\): [\d.]+ m?s \(median of 1; .*\), peak \d+ MiB\n$/,
  );
});

test("several parts and rounds: a table with a row for each, or JSON with every round", () => {
  const several = ["bench", "detect", "nms", "bde", ...tiny, "--steps", "1"];
  const lines = succeed(tmpdir(), ...several)
    .stdout.trimEnd()
    .split("\n");
  assert.equal(lines.length, 4);
  assert.match(lines[0], /^ +sparsecell +peak$/);
  assert.match(lines[2], /^NMS of 10,000 boxes on 5 levels +[\d.]+ m?s +\d+ MiB$/);
  const [detect, ...others] = JSON.parse(succeed(tmpdir(), ...several, "--rounds", "2", "--json").stdout);
  assert.deepEqual([detect.part, detect.rounds.length, others.length], ["detect", 2, 2]);
  assert.deepEqual([detect.theirs, detect.ratios], [null, []]);
});

test("every part runs", () => {
  const { stdout } = succeed(tmpdir(), "bench", "roi-align", "loading", ...tiny, "--steps", "1");
  assert.match(stdout, /^RoIAlign, forward and backward \(16 RoIs, float32\) /m);
  assert.match(stdout, /^wait of a step for its image /m);
});

test("a profile: every operator with its time and floor, in a table and a picture", () => {
  const dir = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const profiled = ["bench", "step", ...tiny, "--profile", "step.svg"];
    const { operators, seconds, rate } = JSON.parse(succeed(dir, ...profiled, "--json").stdout);
    const names = operators.map(({ name }: { name: string }) => name);
    assert.ok(names.includes("convolution_backward") && names.includes("mm"));
    let sum = 0;
    for (const { seconds, floor, flops, name } of operators) {
      sum += seconds;
      assert.ok(floor <= seconds && floor >= 0, name);
      assert.equal(flops > 0, /^(\w*convolution(_backward)?|_slow_conv2d_forward|thnn_conv2d|mm|addmm)$/.test(name) && flops > 0);
    }
    assert.ok(sum > 0.1 * seconds && sum <= seconds && rate.flops > 1e9 && rate.bytes > 1e8);
    assert.match(
      readFileSync(join(dir, "step.svg"), "utf8"),
      /^<svg xmlns[\s\S]*Where the time goes[\s\S]*between operators[\s\S]*<\/svg>\n$/,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("what cannot be", () => {
  refuse(
    tmpdir(),
    [["bench", "nms", "--profile", "a.svg"], /nms uses no operators of libtorch/],
    [["bench", "nms", "bde", "--profile", "a.svg"], /--profile takes exactly one part/],
    [["bench", "steps"], /bench|choices/],
    [
      ["bench", "nms", "--against", "torchvision", "--python", process.execPath, "--steps", "1"],
      /measurement failed: .* the command was: /,
    ],
  );
});
