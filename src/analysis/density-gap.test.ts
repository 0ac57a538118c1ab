import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { memory } from "@sparsecell/torch";
import { sparsify } from "../data/sparsify.ts";
import { synthesizeDataset } from "../data/synthetic/synthetic.ts";
import { Detector } from "../detector/detector.ts";
import { bde } from "../methods/bde.ts";
import { fpn } from "../methods/fpn.ts";
import { defaultConfig } from "../settings/detector.ts";
import { densityGap } from "./density-gap.ts";

test("tells annotated, hidden and true background apart, and leaves the detector as it is", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sparsecell-"));
  try {
    const complete = await synthesizeDataset({ kind: "ki67", images: 2, width: 128, height: 128, seed: 1, dir: join(dir, "d") });
    const dataset = sparsify(complete, { keep: 0.4, seed: 1 });
    const detector = new Detector(
      {
        ...defaultConfig,
        backbone: "resnet18",
        normalization: "group-norm",
        input: { kind: "stretch", size: 128 },
        anchors: { sizes: [[16], [32], [64], [96], [128]], aspectRatios: [1] },
        roi: { ...defaultConfig.roi, representationSize: 16 },
      },
      { seed: 1 },
    );
    const before = memory().tensors;
    const look = (calibration: ReturnType<typeof bde>, of = dataset) =>
      densityGap(detector, { dataset: of, calibration, seed: 3 }, { step: 7, progress: 0.5 });

    const gap = await look(bde());
    assert.equal(gap.step, 7);
    const { annotated, hidden, background } = gap.groups;
    for (const { rois, energy, weight, score } of [annotated, hidden, background]) {
      assert.ok(rois > 0);
      for (const value of [energy, weight, score]) assert.ok(value !== null && value > 0 && value <= 1);
    }
    assert.equal(annotated.weight, 1);
    assert.ok(Math.abs((hidden.weight as number) - (hidden.energy as number)) < 1e-6, "BDE's weight is the energy");
    assert.ok(Math.abs((background.weight as number) - (background.energy as number)) < 1e-6);
    assert.deepEqual(await look(bde()), gap, "the same again");

    assert.deepEqual((await look(fpn())).groups.hidden.weight, 1);
    assert.deepEqual((await look(bde(), complete)).groups.hidden, { rois: 0, energy: null, weight: null, score: null });
    assert.equal(memory().tensors, before);
    detector.release();
  } finally {
    rmSync(dir, { recursive: true });
  }
});
