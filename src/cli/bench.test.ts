import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { succeed } from "./cli.fixture.ts";

test("bench step prints the median time of a step and the peak of memory, as JSON or for people", () => {
  const step = ["bench", "step", "--backbone", "resnet18", "--size", "32", "--threads", "1"];
  const { stdout, stderr } = succeed(
    tmpdir(),
    ...step,
    "--boxes",
    "3",
    "--steps",
    "3",
    "--method",
    "bde",
    "--dtype",
    "bfloat16",
    "--json",
  );
  assert.equal(stderr, "");
  assert.match(stdout, /^\{.*\}\n$/);
  const { secondsPerStep, seconds, peakMiB, threads } = JSON.parse(stdout);
  assert.equal(secondsPerStep, [...seconds].sort((a, b) => a - b)[1]);
  assert.ok(seconds.length === 3 && secondsPerStep > 0 && peakMiB > 50);
  assert.equal(threads, 1);
  assert.match(
    succeed(tmpdir(), ...step, "--boxes", "0", "--steps", "1").stdout,
    /^\d+\.\d{3} s a step \(median of 1; .*\), peak \d+ MiB\n$/,
  );
});
