// A plan is valid whatever the dataset; what is given replaces what a rule chose; a plan's file is read back as it was.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import type { Resolution } from "../settings/detector.ts";
import type { PlannedSettings } from "../settings/planned.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { duration, planLines, planOf, settingsFault, stepsFor, withChoice } from "./plan.ts";
import { planDocument, readPlan } from "./plan-file.ts";
import { rules } from "./rules.ts";

const dir = mkdtempSync(join(tmpdir(), "plan-"));
after(() => rmSync(dir, { recursive: true }));

const facts: Fingerprint = {
  images: 28,
  groups: 5,
  imagesWithMarks: 28,
  width: 600,
  height: 600,
  longestSide: 600,
  megapixels: 10.08,
  marks: 360,
  hardNegatives: 0,
  classes: [{ name: "cell", marks: 360 }],
  cellSize: [32, 32, 32],
  cellSizeMicrons: null,
  densest: 50,
  scaled: 0,
  mpp: null,
  unscaledCellSize: 32,
  inComplete: 0,
  stainSpread: 0.03,
};
const cpu = { device: "cpu", budget: 900 };
const resolutionOf = ({ detector }: PlannedSettings): Resolution => {
  assert.equal(detector.input.kind, "resolution");
  return detector.input as Resolution;
};

test("property: every rule gives valid settings and a reason, for any dataset", () => {
  const size = fc.double({ min: 0.5, max: 3000, noNaN: true });
  const fingerprints = fc
    .record({
      cell: size,
      spread: fc.double({ min: 1, max: 5, noNaN: true }),
      longest: fc.integer({ min: 1, max: 100_000 }),
      mpp: fc.option(fc.double({ min: 0.05, max: 20, noNaN: true })),
      images: fc.integer({ min: 1, max: 5000 }),
    })
    .map(({ cell, spread, longest, mpp, images }): Fingerprint => {
      const cellSize = [cell / spread, cell, cell * spread] as const;
      const microns = mpp === null ? null : ([cellSize[0] * mpp, cellSize[1] * mpp, cellSize[2] * mpp] as const);
      return {
        ...facts,
        images,
        longestSide: longest,
        width: longest,
        height: longest,
        cellSize,
        cellSizeMicrons: microns,
        mpp: mpp === null ? null : [mpp, mpp],
        scaled: mpp === null ? 0 : images,
        unscaledCellSize: mpp === null ? cell : null,
      };
    });
  fc.assert(
    fc.property(fingerprints, fc.constantFrom("cpu", "cuda"), fc.constantFrom(60, 900), (each, device, budget) => {
      const plan = planOf(each, { device, budget });
      assert.equal(settingsFault(plan.settings), null);
      for (const { what, chosen, reason } of plan.choices) assert.ok(what && chosen && reason);
      const { window, mpp, scale } = resolutionOf(plan.settings);
      const cell = mpp === null ? each.cellSize[1] * scale : (each.cellSizeMicrons as readonly number[])[1] / mpp;
      if (each.cellSize[1] > 1 && each.cellSize[1] < 2000)
        assert.ok(cell > 12.5 && cell < 22.5, `cells of ${cell} network pixels`);
      assert.ok(window >= 64 && window <= 640);
    }),
  );
  assert.equal(planOf(facts, cpu).choices.length, rules.length);
});

test("cells of a good size are left as they are; others become 16 network pixels", () => {
  const scaleAt = (cell: number) =>
    resolutionOf(planOf({ ...facts, cellSize: [cell, cell, cell], unscaledCellSize: cell }, cpu).settings).scale;
  assert.deepEqual([13, 16, 22, 32, 8, 64].map(scaleAt), [1, 1, 1, 0.5, 2, 0.25]);
});

test("where images say their microns per pixel, the resolution is in microns; one that does not gets the pixels' factor", () => {
  const mixed: Fingerprint = { ...facts, scaled: 20, mpp: [0.25, 0.25], cellSizeMicrons: [8, 8, 8] };
  const { mpp, scale } = resolutionOf(planOf(mixed, cpu).settings);
  assert.deepEqual([mpp, scale], [0.5, 0.5]);
  assert.match(planOf(mixed, cpu).choices[0].reason, /microns per pixel of 8 of 28 images unknown: 0.5 network pixels/);
});

test("what is given replaces what a rule chose, and says so", () => {
  const plan = planOf(facts, cpu, { lr: 0.3, detector: { backbone: "resnet34", input: { kind: "stretch", size: 96 } } });
  assert.deepEqual([plan.settings.lr, plan.settings.detector.backbone], [0.3, "resnet34"]);
  assert.deepEqual(plan.settings.detector.input, { kind: "stretch", size: 96 });
  const given = planLines(plan.choices).filter((line) => line.endsWith("(given)"));
  assert.deepEqual(
    given.map((line) => line.replace(/ {2,}/, ": ")),
    ["working resolution: stretch 96 (given)", 'backbone: backbone "resnet34" (given)', "batch: lr 0.3 (given)"],
  );
});

test("steps are what the budget allows, at least 100, and not more than are useful", () => {
  const steps = (seconds: number, secondsPerStep: number, windows = 28) =>
    stepsFor(seconds, { secondsPerStep, windows }, { batch: 1 }).settings.steps as number;
  assert.equal(steps(900, 1), 810);
  assert.equal(steps(60, 1), 100);
  assert.ok(steps(1e6, 0.1) < 5000);
  assert.ok(steps(1e6, 0.1, 1000) > steps(1e6, 0.1, 100));
  assert.deepEqual([45, 600, 5400, 9000].map(duration), ["45 s", "10 min", "1 h 30 min", "2 h 30 min"]);
});

test("a budget of less than three minutes makes small steps, so that there are many of them", () => {
  const [quick, usual] = [60, 900].map((budget) => planOf(facts, { ...cpu, budget }).settings);
  const [first, best] = [quick, usual].map(resolutionOf);
  assert.ok(first.window < best.window && quick.detector.roi.batchSizePerImage < usual.detector.roi.batchSizePerImage);
  assert.deepEqual([first.scale, first.mpp], [best.scale, best.mpp]);
  assert.ok(
    resolutionOf(
      planOf({ ...facts, longestSide: 70, cellSize: [16, 16, 16], unscaledCellSize: 16 }, { ...cpu, budget: 60 }).settings,
    ).window <= 96,
  );
});

test("a plan's file has all of it; edited settings count; faults are named", () => {
  const plan = withChoice(planOf(facts, cpu), stepsFor(900, { secondsPerStep: 1, windows: 28 }, { batch: 1 }));
  const file = join(dir, "plan.json");
  const document = planDocument(plan, "data");
  const write = (value: unknown) => writeFileSync(file, JSON.stringify(value, null, 2));
  write(document);
  assert.deepEqual(readPlan(file, facts), plan);
  const changed = (settings: object) => ({
    ...document,
    choices: [...document.choices, { what: "mine", chosen: "", reason: "", settings }],
  });
  write(changed({ lr: 0.5, detector: { roi: { batchSizePerImage: 64 } } }));
  const read = readPlan(file, facts).settings;
  assert.deepEqual([read.lr, read.detector.roi.batchSizePerImage, read.detector.roi.representationSize], [0.5, 64, 512]);
  write(changed({ lr: "fast" }));
  assert.throws(() => readPlan(file, facts), /plan\.json: lr: expected .*; correct it, or make a new plan$/);
  write(changed({ learningRate: 1 }));
  assert.throws(() => readPlan(file, facts), /plan\.json: unknown setting learningRate; remove it$/);
  write({ steps: 3 });
  assert.throws(() => readPlan(file, facts), /not a plan; make one with "npx sparsecell plan DIR --json"$/);
});
