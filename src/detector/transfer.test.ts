// What a detector takes from another model, and a ResNet's first layer for images in other statistics.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { noGrad, scope, Tensor } from "@sparsecell/torch";
import { UserError } from "../errors.ts";
import { Random } from "../random.ts";
import { type DetectorConfig, torchvisionConfig } from "../settings/detector.ts";
import { Detector } from "./detector.ts";
import { fitColours, loadWholeDetector } from "./transfer.ts";
import { deviation, mean } from "./transform.ts";
import { loadBackbone, saveDetector } from "./weights.ts";

const root = mkdtempSync(join(tmpdir(), "transfer-"));
const model = join(root, "model.safetensors");
after(() => rmSync(root, { recursive: true }));

const config: DetectorConfig = {
  ...torchvisionConfig,
  backbone: "resnet18",
  normalization: "group-norm",
  classes: ["a", "b"],
  roi: { ...torchvisionConfig.roi, representationSize: 8 }, // small files
};
const donor = new Detector(config, { seed: 5 });
after(() => donor.release());
saveDetector(model, donor);

const digests = (detector: Detector): Map<string, string> =>
  new Map([...detector.state()].map(([name, tensor]) => [name, createHash("sha256").update(tensor.bytes()).digest("hex")]));
const given = digests(donor);

/** Layers that are not the donor's after loading; `named` are those that the loader named. */
function loaded(change: Partial<DetectorConfig>): { named: string[]; differ: string[] } {
  const detector = new Detector({ ...config, ...change }, { seed: 6 });
  const named = loadWholeDetector(model, detector);
  const differ = [...digests(detector)].filter(([name, digest]) => given.get(name) !== digest).map(([name]) => name);
  detector.release();
  return { named, differ: [...new Set(differ.map((name) => name.replace(/\.[^.]+$/, "")))] };
}

const classLayers = ["roi_heads.box_predictor.cls_score", "roi_heads.box_predictor.bbox_pred"];

test("all layers of a model of the same shapes and classes, with its group normalisation", () =>
  assert.deepEqual(loaded({}), { named: [], differ: [] }));

test("other classes, or the same in another order, leave the class layers as they were", () => {
  for (const classes of [["a"], ["a", "b", "c"], ["b", "a"]])
    assert.deepEqual(loaded({ classes }), { named: classLayers, differ: [...classLayers] });
});

test("one class takes the layers of one class, whatever their names", () => {
  const one = new Detector({ ...config, classes: ["cell"] }, { seed: 7 });
  const file = join(root, "one.safetensors");
  saveDetector(file, one);
  const other = new Detector({ ...config, classes: ["nucleus"] }, { seed: 8 });
  assert.deepEqual(loadWholeDetector(file, other), []);
  assert.deepEqual(digests(other), digests(one));
  for (const each of [one, other]) each.release();
});

test("another number of anchors or features leaves the layers of that shape", () => {
  const anchors = { ...config.anchors, aspectRatios: [1] };
  const ofAnchors = ["rpn.head.cls_logits", "rpn.head.bbox_pred"];
  assert.deepEqual(loaded({ anchors }), { named: ofAnchors, differ: ofAnchors });
  const { named } = loaded({ roi: { ...config.roi, representationSize: 16 } });
  assert.deepEqual(named, ["roi_heads.box_head.fc6", "roi_heads.box_head.fc7", ...classLayers]);
});

test("another backbone is an error that names both, for a model and for a ResNet alone", () => {
  const detector = new Detector({ ...config, backbone: "resnet34" }, { seed: 1 });
  const before = digests(detector);
  const message =
    /model\.safetensors: has the weights of a resnet18, but --backbone is resnet34; pass --backbone resnet18 or other --weights$/;
  for (const load of [() => loadWholeDetector(model, detector), () => loadBackbone(model, detector, { partial: true })])
    assert.throws(load, (error) => error instanceof UserError && message.test(error.message));
  assert.deepEqual(digests(detector), before);
  detector.release();
});

test("a first layer that was trained on images in other statistics gives the same for ours, away from the border", () => {
  const other = { mean: [0.7, 0.54, 0.66], deviation: [0.22, 0.26, 0.21] };
  const detector = new Detector({ ...config, normalization: "frozen-batch-norm" }, { seed: 3 });
  const { conv1, bn1 } = detector.backbone.body;
  const size = 32;
  const random = new Random(2);
  const pixels = Float32Array.from({ length: 3 * size * size }, () => random.uniform());
  const normalised = (statistics: typeof other): Tensor =>
    Tensor.from(
      pixels.map(
        (value, i) => (value - statistics.mean[Math.floor(i / size ** 2)]) / statistics.deviation[Math.floor(i / size ** 2)],
      ),
      [1, 3, size, size],
    );
  const output = (statistics: typeof other): Float32Array =>
    noGrad(() => scope(() => bn1.after(conv1, normalised(statistics)).data() as Float32Array));

  const wanted = output(other);
  fitColours(detector, other);
  const found = output({ mean, deviation });
  const side = size / 2; // the stride is 2, the padding 3
  let largest = 0;
  let inside = 0;
  wanted.forEach((value, i) => {
    const [x, y] = [i % side, Math.floor(i / side) % side];
    if (Math.min(x, y) < 2 || Math.max(x, y) > side - 3) return;
    inside++;
    largest = Math.max(largest, Math.abs(value - found[i]));
  });
  assert.equal(inside, 64 * (side - 4) ** 2);
  assert.ok(largest < 1e-4, `differs by ${largest}`);
  detector.release();
});
