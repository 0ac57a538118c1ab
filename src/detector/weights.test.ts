// Model files of sparsecell, and state dicts as torchvision writes them: its names, counters and classifiers, old names too.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { memory, Tensor } from "@sparsecell/torch";
import { UserError } from "../errors.ts";
import { Random } from "../random.ts";
import { type DetectorConfig, torchvisionConfig } from "../settings/detector.ts";
import { writeTensors } from "../train/checkpoints.ts";
import { Detector } from "./detector.ts";
import { configKey, loadBackbone, loadDetector, pixelsKey, pixelsOf } from "./weights.ts";

const root = mkdtempSync(join(tmpdir(), "weights-"));
after(() => rmSync(root, { recursive: true }));

type State = ReadonlyMap<string, Tensor>;

const slim: DetectorConfig = {
  ...torchvisionConfig,
  backbone: "resnet18",
  input: { kind: "shortest-edge", min: 64, max: 96 },
  roi: { ...torchvisionConfig.roi, representationSize: 8 }, // small files
};
const donor = new Detector(slim, { seed: 5 });
after(() => donor.release());

const random = new Random(1);
const image = { width: 80, height: 64, data: Uint8Array.from({ length: 3 * 80 * 64 }, () => random.integer(256)) };

function save(name: string, state: State, metadata: Record<string, string> = {}): string {
  const file = join(root, name);
  writeTensors(file, state, metadata);
  return file;
}
const digest = (tensor: Tensor): string => createHash("sha256").update(tensor.bytes()).digest("hex");
const digests = (state: State): Map<string, string> => new Map([...state].map(([name, tensor]) => [name, digest(tensor)]));
const renamed = (state: State, change: (name: string) => string): State =>
  new Map([...state].map(([name, tensor]) => [change(name), tensor]));
const without = (state: State, ...names: string[]): State => new Map([...state].filter(([name]) => !names.includes(name)));
/** As torchvision saves batch normalisation that is not frozen. */
function withCounters(state: State): State {
  const counters = [...state.keys()]
    .filter((name) => name.endsWith("running_var"))
    .map((name) => name.replace("running_var", "num_batches_tracked"));
  return new Map([...state, ...counters.map((name) => [name, Tensor.from(BigInt64Array.of(100n), [])] as const)]);
}

function refused(action: () => unknown, message: RegExp): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

test("a model file of ours comes back with its settings, and detects the same", () => {
  const config: DetectorConfig = {
    ...slim,
    normalization: "group-norm",
    classes: ["a", "b"],
    detection: { ...slim.detection, scoreThreshold: 0.3 },
    rpn: { ...slim.rpn, heads: "per-level" },
  };
  const detector = new Detector(config, { seed: 2 });
  const file = save("own.safetensors", detector.state(), { [configKey]: JSON.stringify(config) });
  const loaded = loadDetector(file, { seed: 0 });
  assert.deepEqual(loaded.config, config);
  const found = detector.detect([image]);
  assert.ok(found[0].scores.length > 0);
  assert.deepEqual(loaded.detect([image]), found);

  const few = loadDetector(file, {
    seed: 0,
    adjust: (saved) => ({ ...saved, detection: { ...saved.detection, maxDetections: 1 } }),
  });
  assert.deepEqual(few.detect([image])[0].scores, found[0].scores.slice(0, 1));
  for (const each of [detector, loaded, few]) each.release();
});

test("settings that are damaged or of another version are said to be", () => {
  const tensors = new Map([["a", Tensor.from([1], [1])]]);
  for (const text of ["{", "{}", "null", '{"backbone":"resnet18"}'])
    refused(
      () => loadDetector(save("damaged", tensors, { [configKey]: text }), { seed: 0 }),
      /damaged: its settings are damaged or of another version of sparsecell: .+; train again$/,
    );
  const settings = (change: object) => save("damaged", tensors, { [configKey]: JSON.stringify({ ...slim, ...change }) });
  const load = (change: object) => () => loadDetector(settings(change), { seed: 0 });
  refused(load({ backbone: "resnet9" }), /sparsecell: backbone: expected "resnet18" or .*, got "resnet9"; train again$/);
  const uneven = { ...slim.anchors, sizes: [[8], [16], [32], [64, 96], [128]] };
  refused(load({ anchors: uneven }), /sparsecell: anchors\.sizes: expected as many sizes on every level; train again$/);
  refused(load({ classes: [] }), /sparsecell: classes: has 0 items; expected 1 to 10000; train again$/);
  refused(load({ input: { kind: "stretch", size: 1e6 } }), /sparsecell: input\.size: expected .* to 16384, got 1000000;/);
  refused(load({ roi: { ...slim.roi, addGroundTruth: 1 } }), /sparsecell: roi\.addGroundTruth: expected true or false, got 1;/);
});

test("how pictures were read comes back; a file that records nothing says nothing", () => {
  const state = new Map([["a", Tensor.from(Float32Array.of(1), [1])]]);
  const record = (text: string) => save("pixels.safetensors", state, { [pixelsKey]: text });
  assert.deepEqual(pixelsOf(record('{"page":2,"range":"0:4095"}')), { page: 2, range: "0:4095" });
  assert.deepEqual(pixelsOf(save("plain.safetensors", state)), {});
  assert.deepEqual(pixelsOf(import.meta.filename), {});
  refused(() => pixelsOf(record('{"page":0}')), /pixels\.safetensors: its record of pixels is damaged: page: expected a whole/);
  refused(() => pixelsOf(record("{")), /its record of pixels is damaged: it is not JSON; train again/);
});

test("a small file cannot ask for a large network", () => {
  const large = new Map([
    ["roi_heads.box_head.fc6.weight", Tensor.from([], [9_000_000, 0])],
    ["roi_heads.box_predictor.cls_score.weight", Tensor.from([], [9_000_000, 0])],
    ["rpn.head.cls_logits.weight", Tensor.from([], [3, 0])],
  ]);
  const missing = /: is not a model file: .* \(roi_heads\.box_predictor\.cls_score\.weight is missing\)$/;
  refused(() => loadDetector(save("torchvision", large), { seed: 0 }), missing);
  const config = { ...slim, roi: { ...slim.roi, representationSize: 9_000_000 } };
  refused(
    () => loadDetector(save("own", large, { [configKey]: JSON.stringify(config) }), { seed: 0 }),
    /: 1 of another shape \(roi_heads\.box_head\.fc6\.weight: expected \[9000000, 12544\], got \[9000000, 0\]\);/,
  );
});

test("a torchvision Faster R-CNN: settings follow from names and shapes; its counters are left out", () => {
  const loaded = loadDetector(save("rcnn", withCounters(donor.state())), {
    seed: 0,
    adjust: (config) => ({ ...config, input: slim.input }),
  });
  assert.deepEqual(loaded.config, { ...slim, batchNormEps: 1e-5, classes: ["cell"] });
  assert.deepEqual(digests(loaded.state()), digests(donor.state()));
  assert.deepEqual(loaded.detect([image]), donor.detect([image]));
  loaded.release();
});

test("names from before torchvision 0.13 load, with eps 0 as its published weights need", () => {
  const old = renamed(donor.state(), (name) =>
    name.replace(/^(backbone\.fpn\.\w+_blocks\.\d)\.0\./, "$1.").replace("rpn.head.conv.0.0.", "rpn.head.conv."),
  );
  assert.ok(old.has("rpn.head.conv.weight") && old.has("backbone.fpn.inner_blocks.0.bias"));
  const loaded = loadDetector(save("old", old), { seed: 0 });
  assert.equal(loaded.config.batchNormEps, 0);
  assert.deepEqual(digests(loaded.state()), digests(donor.state()));
  loaded.release();
});

test("backbone and number of classes are seen in the file", () => {
  const other = new Detector({ ...slim, backbone: "resnet50", classes: ["x", "y"] }, { seed: 1 });
  const loaded = loadDetector(save("fifty", other.state()), { seed: 0 });
  assert.deepEqual([loaded.config.backbone, loaded.config.classes], ["resnet50", ["class 1", "class 2"]]);
  for (const each of [other, loaded]) each.release();
});

test("a state dict of something else is refused with the names that are missing or too many", () => {
  const state = donor.state();
  const load = (changed: State) => () => loadDetector(save("else", changed), { seed: 0 });
  refused(
    load(donor.backbone.body.state()),
    /else: is not a model file: .* \(roi_heads\.box_predictor\.cls_score\.weight is missing\)$/,
  );
  const before = memory();
  refused(
    load(without(state, "rpn.head.bbox_pred.bias")),
    /else: weights do not fit: 1 missing \(rpn\.head\.bbox_pred\.bias\); are these weights of another network\?$/,
  );
  assert.deepEqual(memory(), before); // the network that had no use is gone
  const mask = new Map([...state, ["roi_heads.mask_head.0.0.weight", Tensor.from([1], [1])]]);
  refused(load(mask), /1 unexpected \(roi_heads\.mask_head\.0\.0\.weight\)/);
  const anchors = new Map([...state, ["rpn.head.cls_logits.weight", Tensor.from(new Float32Array(256), [1, 256, 1, 1])]]);
  refused(load(anchors), /has 1 anchors per position; expected 3, as torchvision has/);
  refused(() => loadDetector(join(root, "nowhere.pth"), { seed: 0 }), /nowhere\.pth: cannot be read/);
});

test("a torchvision ResNet, or the backbone of a detector, goes into the backbone; classifiers and counters do not", () => {
  const body = donor.backbone.body.state();
  const classifier = [["fc.weight", Tensor.from([1, 2], [1, 2])] as const, ["fc.bias", Tensor.from([3], [1])] as const];
  for (const file of [
    save("resnet", new Map([...withCounters(body), ...classifier])),
    save("whole", withCounters(donor.state())),
  ]) {
    const detector = new Detector(slim, { seed: 6 });
    const head = digests(detector.rpn.state());
    assert.deepEqual(loadBackbone(file, detector, { partial: false }), []);
    assert.deepEqual(digests(detector.backbone.body.state()), digests(body));
    assert.deepEqual(digests(detector.rpn.state()), head);
    detector.release();
  }
});

test("a backbone that lacks layers is refused, or accepted with what it has", () => {
  const body = donor.backbone.body.state();
  const file = save("lacking", without(body, "conv1.weight", "layer4.1.conv2.weight"));
  const detector = new Detector(slim, { seed: 7 });
  const before = digests(detector.backbone.body.state());
  refused(
    () => loadBackbone(file, detector, { partial: false }),
    /lacking: weights do not fit: 2 missing \(conv1\.weight, layer4\.1\.conv2\.weight\); choose the --backbone that they are of, or accept what is missing with --partial-weights$/,
  );
  assert.deepEqual(digests(detector.backbone.body.state()), before); // nothing was changed
  assert.deepEqual(loadBackbone(file, detector, { partial: true }), ["conv1.weight", "layer4.1.conv2.weight"]);
  const now = digests(detector.backbone.body.state());
  assert.deepEqual(
    [now.get("conv1.weight"), now.get("layer1.0.conv1.weight")],
    [before.get("conv1.weight"), digest(body.get("layer1.0.conv1.weight") as Tensor)],
  );

  const text = save("text", new Map([["embedding.weight", Tensor.from([1], [1])]]));
  for (const partial of [false, true])
    refused(() => loadBackbone(text, detector, { partial }), /text: has no weights of a ResNet \(it has embedding\.weight/);
  const deeper = save("deeper", new Map([...body, ["layer1.2.conv1.weight", Tensor.from([1], [1])]]));
  for (const partial of [false, true])
    refused(() => loadBackbone(deeper, detector, { partial }), /1 unexpected \(layer1\.2\.conv1\.weight\)/);
  const wider = save("wider", new Map([...body, ["conv1.weight", Tensor.from([1, 2], [1, 2])]]));
  refused(
    () => loadBackbone(wider, detector, { partial: true }),
    /1 of another shape \(conv1\.weight: expected \[64, 3, 7, 7\], got \[1, 2\]\)/,
  );
  detector.release();
});
