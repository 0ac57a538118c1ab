import assert from "node:assert/strict";
import { test } from "node:test";
import { paperSettings, quickSettings, settingLines, type TrainSettings } from "./train-settings.ts";

test("no hidden limits: whichever number or choice of the settings changes, a line of the report changes", () => {
  let leaves = 0;
  for (const settings of [paperSettings, quickSettings]) {
    const before = settingLines(settings, "weights.pth");
    for (const path of leafPaths(settings)) {
      leaves++;
      assert.notDeepEqual(settingLines(changed(settings, path), "weights.pth"), before, path.join("."));
    }
    assert.equal(new Set(before.map(({ label }) => label)).size, before.length);
    assert.notDeepEqual(settingLines(settings, null), before);
  }
  assert.ok(leaves > 60);
});

test("the paper's schedule and its base's limits (section 4.1; cfgs_res50_fpn.py)", () => {
  const { steps, lr, detector } = paperSettings;
  assert.deepEqual([steps, lr, detector.input], [10_000, 0.001, { kind: "stretch", size: 800 }]);
  assert.deepEqual(detector.detection, { scoreThreshold: 0, nmsThreshold: 0.3, maxDetections: 100 });
  assert.equal(quickSettings.detector.detection.maxDetections, null);
});

type Path = readonly (string | number)[];

function leafPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return path.at(-1) === "kind" ? [] : [path];
  return Object.entries(value).flatMap(([key, inner]) => leafPaths(inner, [...path, key]));
}

/** A copy in which one value is another one. */
function changed(settings: TrainSettings, path: Path): TrainSettings {
  const copy = structuredClone(settings);
  let inner = copy as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) inner = inner[key] as Record<string, unknown>;
  const last = path.at(-1) as string;
  const value = inner[last];
  inner[last] = typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : value === null ? 3 : "another";
  if (last === "anchors") inner[last] = paperSettings.anchors;
  return copy;
}
