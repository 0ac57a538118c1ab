import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsIn } from "./declarations.ts";
import { demoSettings, type GridSettings, gridSettings, paperSettings, quickSettings, settingLines } from "./presets.ts";

const presets: GridSettings[] = [{ ...paperSettings, dtype: "float32" }, { ...quickSettings, dtype: "bfloat16" }, demoSettings];

test("no hidden limits: whichever number or choice of the settings changes, a line of the report changes", () => {
  let leaves = 0;
  for (const settings of presets) {
    const before = settingLines(settings, "weights.pth");
    for (const path of leafPaths(settings)) {
      leaves++;
      assert.notDeepEqual(settingLines(changed(settings, path), "weights.pth"), before, path.join("."));
    }
    assert.equal(new Set(before.map(({ label }) => label)).size, before.length);
    assert.notDeepEqual(settingLines(settings, null), before);
  }
  assert.ok(leaves > 3 * settingsIn(gridSettings).length - 3);
});

test("with random weights every stage is trained, and the report says so", () => {
  const stages = (weights: string | null) =>
    settingLines(presets[0], weights).find(({ label }) => label.startsWith("stages"))?.value;
  assert.deepEqual([stages(null), stages("weights.pth")], ["5", "4"]);
});

test("the paper's schedule and its base's limits (section 4.1; cfgs_res50_fpn.py)", () => {
  assert.deepEqual(paperSettings, {
    steps: 10_000,
    batch: 1,
    lr: 0.001,
    warmup: 0,
    momentum: 0.9,
    weightDecay: 1e-4,
    clipGradient: null,
    augment: true,
    turns: false,
    zoom: 0,
    brightness: 0,
    contrast: 0,
    gamma: 0,
    stain: 0,
    blur: 0,
    jpeg: 0,
    holdOut: 0,
    averaging: 0,
    patience: 0,
    validateEvery: null,
    dtype: "float32",
    anchors: { sizes: [[32], [64], [128], [256], [512]], aspectRatios: [0.5, 1, 2] },
    trainableLayers: 4,
    detector: {
      backbone: "resnet50",
      batchNormEps: 1e-5,
      input: { kind: "stretch", size: 800 },
      rpn: {
        heads: "per-level",
        preNmsTopN: { train: 12_000, test: 6_000 },
        postNmsTopN: { train: 2_000, test: 1_000 },
        scoreThreshold: 0,
        nmsThreshold: 0.7,
        foregroundIou: 0.7,
        backgroundIou: 0.3,
        batchSizePerImage: 256,
        positiveFraction: 0.5,
        smoothL1Beta: 1 / 9,
      },
      roi: {
        foregroundIou: 0.5,
        batchSizePerImage: 256,
        positiveFraction: 0.25,
        addGroundTruth: false,
        smoothL1Beta: 1,
        representationSize: 1024,
      },
      detection: { scoreThreshold: 0, nmsThreshold: 0.3, maxDetections: 100 },
    },
  });
  assert.deepEqual([quickSettings.dtype, quickSettings.detector.detection.maxDetections], ["auto", null]);
});

type Path = readonly (string | number)[];

function leafPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leafPaths(inner, [...path, key]));
}

/** A copy in which one value is another one. */
function changed(settings: GridSettings, path: Path): GridSettings {
  const copy = structuredClone(settings);
  let inner = copy as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) inner = inner[key] as Record<string, unknown>;
  const last = path.at(-1) as string;
  const value = inner[last];
  inner[last] = typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : value === null ? 3 : "another";
  if (last === "anchors") inner[last] = paperSettings.anchors;
  if (last === "kind") inner[last] = "letterbox";
  return copy;
}
