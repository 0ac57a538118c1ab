import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { calibrationNamed } from "../methods/index.ts";
import type { DensityProbe } from "../runs/grid.ts";
import { densityProbe, looksOf, readDensity } from "./density-probe.ts";

test("looks are evenly spaced and end with the training", () => {
  assert.deepEqual(looksOf(3), [1, 2, 3]);
  assert.deepEqual(looksOf(600), [100, 200, 300, 400, 500, 600]);
  assert.deepEqual([looksOf(10_000).length, looksOf(10_000).at(-1)], [20, 10_000]);
});

test("a step that was looked at twice, half a line of a killed process, and a line that is none of ours", () => {
  const dir = mkdtempSync(join(tmpdir(), "density-"));
  const file = join(dir, "density.jsonl");
  const group = (rois: number) => ({ rois, energy: 0.5, weight: null, score: 0.25 });
  const look = (step: number, rois: number): DensityProbe => ({
    step,
    groups: { annotated: group(rois), hidden: group(rois), background: group(rois) },
  });
  const text = (...looks: DensityProbe[]): string => looks.map((each) => `${JSON.stringify(each)}\n`).join("");
  assert.deepEqual(readDensity(file), []);

  writeFileSync(file, `${text(look(5, 1), look(10, 1))}{"st\n${text(look(5, 2))}{"step":15,"gr`);
  assert.deepEqual(readDensity(file), [look(5, 2), look(10, 1)]);
  const dataset = { dir, images: [], annotations: [], categories: [] };
  densityProbe({ file, dataset, calibration: calibrationNamed("bde"), steps: 20, seed: 1 });
  assert.equal(readFileSync(file, "utf8"), text(look(5, 2), look(10, 1)), "the next line begins a line");

  for (const line of ["{step}", '{"step":5}', JSON.stringify({ ...look(5, 1), groups: {} })]) {
    writeFileSync(file, `${text(look(5, 1))}${line}\n`);
    assert.throws(() => readDensity(file), /^UserError: .*density\.jsonl:2: is not a record of a step/);
  }
  rmSync(dir, { recursive: true });
});
