import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator, noGrad, randn, scope, Tensor, zeros } from "@sparsecell/torch";
import { type Box, iou } from "../geometry/box.ts";
import { encode, rpnWeights } from "../geometry/box-codec.ts";
import { rectangleRing } from "../geometry/region.ts";
import { rowsAt } from "../geometry/rows.ts";
import { bde } from "../methods/bde.ts";
import { type Calibration, uncalibrated } from "../methods/calibration.ts";
import { completeness } from "../methods/completeness.ts";
import { fpn } from "../methods/fpn.ts";
import { Random } from "../random.ts";
import { defaultConfig, type RpnConfig } from "../settings/detector.ts";
import { type AnchorGrid, anchorGrid } from "./anchors.ts";
import { largestDifference } from "./golden.fixture.ts";
import type { KnownCells } from "./known-cells.ts";
import { Rpn, type RpnOutput } from "./rpn.ts";
import type { RpnLoss } from "./rpn-loss.ts";

const sizes = [
  [16, 24],
  [8, 12],
  [4, 6],
  [2, 3],
  [1, 2],
] as const; // P2 … P6 of 64 × 96 pixels
const imageSize = [64, 96] as const;
const grid: AnchorGrid = anchorGrid({ sizes: [[8], [16], [32], [64], [128]], aspectRatios: [1, 2] }, imageSize, sizes);
const anchorsOf = sizes.map(([h, w]) => 2 * h * w);

const known = (boxes: Float32Array): KnownCells => ({ boxes, labels: new Int32Array(boxes.length / 4).fill(1) });

const make = (settings: Partial<RpnConfig> = {}): Rpn =>
  scope(() => new Rpn({ ...defaultConfig.rpn, ...settings }, 2, new Generator(3)));
const boxAt = (boxes: Float32Array, k: number): Box => Array.from(boxes.subarray(4 * k, 4 * k + 4)) as unknown as Box;

/** What a training step does with the anchors of one image. */
function lossOf(rpn: Rpn, output: RpnOutput, cells: KnownCells, calibration: Calibration = fpn()): RpnLoss {
  const context = { progress: 0, random: new Random(1), state: {} };
  const samples = [rpn.sample(grid, cells, context.random)];
  return rpn.loss(output, samples, rpn.calibrate(output, samples, calibration, [context]));
}

/** An output of which `logits` [A] are known; codes of 0 leave the anchors. */
function outputOf(logits: (anchor: number) => number): RpnOutput {
  return {
    logits: grid.levels.map(({ start }, l) =>
      Tensor.from(
        Float32Array.from({ length: anchorsOf[l] }, (_, i) => logits(start + i)),
        [1, anchorsOf[l]],
      ),
    ),
    codes: anchorsOf.map((count) => zeros([1, count, 4])),
  };
}

for (const heads of ["shared", "per-level"] as const)
  test(`${heads} heads: logits and codes of every anchor`, () => {
    const rpn = make({ heads });
    assert.equal(Array.isArray(rpn.head) ? rpn.head.length : 1, heads === "shared" ? 1 : 5);
    scope(() => {
      const same = randn([2, 256, 4, 6], new Generator(1)); // the same features on two levels
      const { logits, codes } = noGrad(() => rpn.forward([same, same, ...sizes.slice(2).map(([h, w]) => zeros([2, 256, h, w]))]));
      assert.deepEqual(
        logits.map(({ shape }) => shape),
        [48, 48, ...anchorsOf.slice(2)].map((count) => [2, count]),
      );
      assert.deepEqual(
        codes.map(({ shape }) => shape),
        [48, 48, ...anchorsOf.slice(2)].map((count) => [2, count, 4]),
      );
      assert.equal(largestDifference(logits[0].numbers(), logits[1].numbers()) === 0, heads === "shared");
    });
    rpn.release();
  });

test("proposals: the best of each level, suppressed within the level, best first, inside the image", () => {
  const rpn = make({ preNmsTopN: { train: 40, test: 10 }, nmsThreshold: 0.4 });
  scope(() => {
    const random = new Random(2);
    const scores = Float32Array.from({ length: grid.boxes.length / 4 }, () => random.normal());
    const { boxes, capped } = rpn.proposals(
      outputOf((a) => scores[a]),
      grid,
      0,
      imageSize,
      "train",
    );
    assert.equal(capped, false);
    // by hand: anchors cut to the image; per level the best 40, of which those stay that no better one overlaps
    const cut = (a: number): Box =>
      boxAt(grid.boxes, a).map((value, i) => Math.min(Math.max(value, 0), i % 2 === 0 ? 96 : 64)) as unknown as Box;
    const kept = grid.levels.flatMap(({ start }, l) => {
      const best = Array.from({ length: anchorsOf[l] }, (_, i) => start + i)
        .sort((a, b) => scores[b] - scores[a])
        .slice(0, 40);
      const stay: number[] = [];
      for (const a of best) if (stay.every((b) => iou(cut(a), cut(b)) <= 0.4)) stay.push(a);
      return stay;
    });
    kept.sort((a, b) => scores[b] - scores[a]);
    assert.deepEqual(
      Array.from(boxes),
      kept.flatMap((a) => [...cut(a)]),
    );
    const fewer = rpn.proposals(
      outputOf((a) => scores[a]),
      grid,
      0,
      imageSize,
      "test",
    );
    assert.ok(fewer.boxes.length < boxes.length, "the phase chooses the limit");
  });
  rpn.release();
});

test("proposals beyond the limit are cut off and reported", () => {
  const rpn = make({ postNmsTopN: { train: 5, test: 0 } });
  scope(() => {
    const output = outputOf((a) => -a);
    const { boxes, capped } = rpn.proposals(output, grid, 0, imageSize, "train");
    assert.deepEqual([boxes.length / 4, capped], [5, true]);
    assert.equal(rpn.proposals(output, grid, 0, imageSize, "test").boxes.length, 0);
  });
  rpn.release();
});

test("proposals without width are dropped", () => {
  const rpn = make();
  scope(() => {
    const output = outputOf(() => 0);
    const outside: RpnOutput = { logits: output.logits, codes: anchorsOf.map((count) => zeros([1, count, 4]).add(1000)) }; // far over the edge
    assert.equal(rpn.proposals(outside, grid, 0, imageSize, "test").boxes.length, 0);
  });
  rpn.release();
});

test("the loss is 0 when every anchor is right, and belongs to the image that is wrong", () => {
  const rpn = make({ batchSizePerImage: 1e6 });
  const truth = Float32Array.of(20, 20, 36, 36);
  // Every anchor's own answer: a large logit where it covers the box, and the code that leads there.
  const answer = (anchor: number, right: number): number =>
    iou(boxAt(grid.boxes, anchor), boxAt(truth, 0)) >= 0.3 ? right : -right;
  const all = Int32Array.from({ length: grid.boxes.length / 4 }, (_, a) => a);
  const codes = encode(rowsAt(truth, new Int32Array(all.length)), grid.boxes, rpnWeights);
  const perfect = (right: number): RpnOutput => ({
    logits: outputOf((a) => answer(a, right)).logits,
    codes: grid.levels.map(({ start }, l) =>
      Tensor.from(codes.slice(4 * start, 4 * (start + anchorsOf[l])), [1, anchorsOf[l], 4]),
    ),
  });
  scope(() => {
    // anchors between the thresholds take part in nothing, so their answer does not matter
    const { rpnClass, rpnBox } = lossOf(rpn, perfect(100), known(truth));
    assert.ok(rpnClass.item() < 1e-6 && rpnBox.item() < 1e-6, `${rpnClass.item()} ${rpnBox.item()}`);
    const wrong = lossOf(rpn, perfect(-100), known(truth));
    assert.ok(Math.abs(wrong.rpnClass.item() - 100) < 1e-3);
    const none = lossOf(
      rpn,
      outputOf(() => -100),
      known(new Float32Array(0)),
    );
    assert.ok(none.rpnClass.item() < 1e-6 && none.rpnBox.item() === 0, "an image without annotation is background everywhere");
  });
  rpn.release();
});

test("nothing in an ignored region is judged", () => {
  const rpn = make();
  const everywhere = {
    ...known(Float32Array.of(20, 20, 36, 36)),
    regions: [{ kind: "ignore" as const, rings: [rectangleRing(-99, -99, 300, 300)] }],
  };
  scope(() => {
    const { rpnClass, rpnBox } = lossOf(
      rpn,
      outputOf(() => 5),
      everywhere,
    );
    assert.deepEqual([rpnClass.item(), rpnBox.item()], [0, 0]);
  });
  rpn.release();
});

test("a calibration of anchors weighs background, but not where it is certain", () => {
  const rpn = make();
  const cell = known(Float32Array.of(20, 20, 36, 36));
  const complete = { ...cell, regions: [{ kind: "complete" as const, rings: [rectangleRing(-99, -99, 300, 300)] }] };
  scope(() => {
    const loss = (calibration: Calibration, cells: KnownCells): number =>
      lossOf(
        rpn,
        outputOf(() => 2),
        cells,
        calibration,
      ).rpnClass.item();
    const plain = loss(fpn(), cell);
    assert.ok(loss(bde({ rpn: true }), cell) < 0.8 * plain);
    assert.equal(loss(bde(), cell), plain);
    assert.equal(loss(bde({ rpn: true }), complete), plain);
    const negatives = { ...cell, negatives: Float32Array.of(-99, -99, 300, 300) };
    assert.ok(loss(completeness({ c: 0.1 }), cell) < 0.8 * plain);
    for (const sure of [complete, negatives]) assert.equal(loss(completeness({ c: 0.1 }), sure), plain);
    assert.equal(loss(completeness({ c: 1 }), cell), plain);
  });
  rpn.release();
});

test("a calibration of anchors sees probabilities, regressed boxes and overlaps of each", () => {
  const rpn = make();
  const cell = known(Float32Array.of(20, 20, 36, 36));
  scope(() => {
    const output = outputOf((anchor) => (anchor % 7) - 3);
    const context = { progress: 0.5, random: new Random(1), state: {} };
    const samples = [rpn.sample(grid, cell, context.random)];
    let asked = 0;
    const calibration: Calibration = {
      ...fpn(),
      calibrateAnchors(anchors, { progress }) {
        asked++;
        assert.equal(progress, 0.5);
        const [{ rows, labels }] = samples;
        assert.deepEqual(anchors.labels, labels);
        rows.forEach((row, k) => {
          const p = 1 / (1 + Math.exp(3 - (row % 7)));
          assert.ok(Math.abs(anchors.probabilities[2 * k + 1] - p) < 1e-6 && Math.abs(anchors.objectness[k] - p) < 1e-6);
          assert.ok(Math.abs(anchors.probabilities[2 * k] + anchors.probabilities[2 * k + 1] - 1) < 1e-6);
          assert.ok(Math.abs(anchors.overlaps[k] - iou(boxAt(grid.boxes, row), boxAt(cell.boxes, 0))) < 1e-6);
        });
        assert.deepEqual(anchors.proposals, rowsAt(grid.boxes, rows));
        assert.ok(largestDifference(anchors.boxes, anchors.proposals) < 1e-4, "codes of 0 leave the anchors");
        return uncalibrated(anchors);
      },
    };
    const calibrated = rpn.calibrate(output, samples, calibration, [context]);
    assert.equal(asked, 1);
    const plain = rpn.loss(output, samples, null);
    const same = rpn.loss(output, samples, calibrated);
    assert.deepEqual([same.rpnClass.item(), same.rpnBox.item()], [plain.rpnClass.item(), plain.rpnBox.item()]);
  });
  rpn.release();
});
