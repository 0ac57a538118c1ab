import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Generator, randn, scope, type Tensor } from "@sparsecell/torch";
import { decode, roiWeights } from "../geometry/box-codec.ts";
import { type Region, rectangleRing } from "../geometry/region.ts";
import { rowsAt } from "../geometry/rows.ts";
import { bde } from "../methods/bde.ts";
import type { Calibrated, Calibration, Rois } from "../methods/calibration.ts";
import { completeness } from "../methods/completeness.ts";
import { fpn } from "../methods/fpn.ts";
import { Random } from "../random.ts";
import { defaultConfig } from "../settings/detector.ts";
import { largestDifference } from "./golden.fixture.ts";
import type { KnownCells } from "./known-cells.ts";
import { RoiHeads, type SampledRois } from "./roi-heads.ts";
import type { RoiLoss } from "./roi-loss.ts";

const classes = 3;
const config = { ...defaultConfig.roi, representationSize: 32, batchSizePerImage: 16, positiveFraction: 0.25 };
const heads = scope(() => new RoiHeads(config, classes, new Generator(1)));

/** P2 … P5 of images of 64 × 64 pixels. */
const levels = (images: number): Tensor[] => [16, 8, 4, 2].map((side, i) => randn([images, 256, side, side], new Generator(i)));

const truths: KnownCells = { boxes: Float32Array.of(10, 10, 26, 26, 40, 40, 56, 60), labels: Int32Array.of(2, 1) };
const noTruths: KnownCells = { boxes: new Float32Array(0), labels: new Int32Array(0) };
const proposed = (boxes: Float32Array) => ({ boxes, objectness: new Float32Array(boxes.length / 4).fill(0.25) });
const diagonal = Float32Array.from({ length: 120 }, (_, i) => (i % 4 < 2 ? i >> 2 : (i >> 2) + 5));
const nowhere = proposed(diagonal); // 30 small boxes
const nothing = proposed(new Float32Array(0));

/** What a training step does with sampled RoIs. */
function lossOf(pyramid: Tensor[], samples: readonly SampledRois[], calibration: Calibration, progress = 0): RoiLoss {
  const output = heads.forward(
    pyramid,
    samples.map(({ boxes }) => boxes),
  );
  const contexts = samples.map(() => ({ progress, random: new Random(1), state: {} }));
  return heads.loss(output, samples, heads.calibrate(output, pyramid, samples, calibration, contexts));
}

describe("the sample", () => {
  test("holds annotated boxes, up to a quarter of foreground, and the codes that lead to them", () => {
    const near = Float32Array.of(11, 9, 27, 26, 39, 41, 57, 59, 12, 12, 26, 26);
    const proposals = proposed(Float32Array.of(...near, ...diagonal));
    const { boxes, labels, codes, overlaps, objectness } = heads.sample(proposals, truths, new Random(1));
    assert.equal(labels.length, 16);
    const positives = labels.filter((label) => label > 0).length;
    assert.equal(positives, 4); // of five: three proposals and the two annotated boxes themselves
    decode(codes, boxes, roiWeights).forEach((value, i) => {
      const label = labels[i >> 2];
      if (label === 0) assert.equal(codes[i], 0);
      else assert.ok(Math.abs(value - truths.boxes[4 * truths.labels.indexOf(label) + (i & 3)]) < 1e-3);
    });
    labels.forEach((label, r) => {
      assert.equal(overlaps[r] >= 0.5, label > 0);
      assert.equal(objectness[r], overlaps[r] === 1 ? 1 : 0.25, "an annotated box is a cell for certain");
    });
  });

  test("says how many candidates of its kind each stands for", () => {
    const near = Float32Array.of(11, 9, 27, 26, 39, 41, 57, 59, 12, 12, 26, 26);
    const { labels, standsFor } = heads.sample(proposed(Float32Array.of(...near, ...diagonal)), truths, new Random(1));
    labels.forEach((label, r) => assert.equal(standsFor[r], Math.fround(label > 0 ? 5 / 4 : 30 / 12)));
    const ignored = [{ kind: "ignore" as const, rings: [rectangleRing(0, 0, 20, 20)] }];
    const fewer = heads.sample(nowhere, { ...noTruths, regions: ignored }, new Random(1)).standsFor;
    const judged = diagonal.filter((x, i) => i % 4 === 0 && x + 2.5 >= 20).length;
    assert.ok(
      fewer.every((count) => count === Math.fround(judged / Math.min(judged, 16))),
      "what is ignored does not count",
    );
  });

  test("of an image without annotation is background", () => {
    const { labels, codes } = heads.sample(nowhere, noTruths, new Random(1));
    assert.equal(labels.length, 16);
    assert.ok(labels.every((label) => label === 0) && codes.every((code) => code === 0));
  });

  test("without proposals is the annotated boxes; without those, nothing", () => {
    assert.deepEqual(Array.from(heads.sample(nothing, truths, new Random(1)).labels).sort(), [1, 2]);
    for (const part of Object.values(heads.sample(nothing, noTruths, new Random(1)))) assert.equal(part.length, 0);
  });

  test("takes nothing from an ignored region, and knows where labels are certain", () => {
    const regions: Region[] = [
      { kind: "ignore", rings: [rectangleRing(0, 0, 8, 8)] },
      { kind: "complete", rings: [rectangleRing(8, 8, 20, 20)] },
    ];
    const negatives = Float32Array.of(24, 24, 28, 28);
    const { boxes, labels, certain } = heads.sample(nowhere, { ...truths, regions, negatives }, new Random(1));
    assert.ok(labels.length > 0);
    labels.forEach((_, r) => {
      const center = (boxes[4 * r] + boxes[4 * r + 2]) / 2;
      if (boxes[4 * r + 2] - boxes[4 * r] !== 5) return; // an annotated box
      assert.ok(center >= 8, `${center} is ignored`);
      assert.equal(certain[r], center < 20 || (center >= 24 && center < 28) ? 1 : 0, `${center}`);
    });
    assert.ok(certain.includes(1) && certain.includes(0));
  });
});

/** A calibration that remembers what it was asked and what it said. */
function recording(calibration: Calibration): Calibration & { readonly asked: Rois[]; readonly said: Calibrated[] } {
  const [asked, said]: [Rois[], Calibrated[]] = [[], []];
  return {
    ...calibration,
    asked,
    said,
    calibrate(rois, moment) {
      const answer = calibration.calibrate(rois, moment);
      asked.push(structuredClone(rois));
      said.push(structuredClone(answer));
      return answer;
    },
  };
}

const silenced = ({ distribution, classWeight, boxWeight }: Calibrated): Calibrated => ({
  distribution,
  classWeight: classWeight.map(() => 0),
  boxWeight: boxWeight.map(() => 0),
});

describe("the loss", () => {
  const first = heads.sample(nowhere, truths, new Random(1));
  const second = heads.sample(
    proposed(diagonal.map((value) => value + 20)),
    { boxes: Float32Array.of(5, 5, 30, 20), labels: Int32Array.of(1) },
    new Random(2),
  );
  const none: SampledRois = heads.sample(nothing, noTruths, new Random(3));

  test("of two images asks the calibration the same as of each alone, and is their mean by RoIs", () =>
    scope(() => {
      const both = recording(bde());
      const each = recording(bde());
      const together = levels(2);
      const loss = lossOf(together, [first, second], both, 0.5);
      const alone = [first, second].map((sampled, n) =>
        lossOf(
          together.map((level) => level.slice(0, n, n + 1)),
          [sampled],
          each,
          0.5,
        ),
      );
      for (let n = 0; n < 2; n++) {
        assert.deepEqual(both.asked[n].labels, each.asked[n].labels);
        assert.ok(largestDifference(both.asked[n].boxes, each.asked[n].boxes) < 1e-3);
        assert.ok(largestDifference(both.asked[n].probabilities, each.asked[n].probabilities) < 1e-5);
        for (const key of ["distribution", "classWeight", "boxWeight"] as const)
          assert.ok(largestDifference(both.said[n][key], each.said[n][key]) < 1e-5);
      }
      assert.ok(
        both.said[0].classWeight.some((weight) => weight > 0 && weight < 1),
        "the calibration has an effect",
      );
      const [a, b] = [first.labels.length, second.labels.length];
      for (const part of ["roiClass", "roiBox"] as const) {
        const mean = (a * alone[0][part].item() + b * alone[1][part].item()) / (a + b);
        assert.ok(Math.abs(loss[part].item() - mean) < 1e-5 * (1 + mean), part);
      }
    }));

  test("shows the calibration each RoI's box of its most probable foreground class", () =>
    scope(() => {
      const { asked, ...calibration } = recording(fpn());
      lossOf(levels(1), [first], calibration);
      const { codes } = heads.forward(levels(1), [first.boxes]);
      const all = decode(codes.data() as Float32Array, first.boxes, roiWeights); // [R, C, 4]
      const { probabilities, boxes } = asked[0];
      const expected = Array.from(first.labels.keys()).flatMap((r) => {
        const [, one, two] = probabilities.subarray(r * classes, (r + 1) * classes);
        const best = r * classes + (two > one ? 2 : 1);
        return Array.from(all.subarray(4 * best, 4 * best + 4));
      });
      assert.ok(largestDifference(boxes, expected) < 1e-4);
      for (let r = 0; r < first.labels.length; r++)
        assert.ok(Math.abs(probabilities.subarray(r * classes, (r + 1) * classes).reduce((sum, p) => sum + p) - 1) < 1e-5);
    }));

  test("tells the calibration how far the training is", () =>
    scope(() => {
      const told: number[] = [];
      const calibrate: Calibration["calibrate"] = (rois, moment) => {
        told.push(moment.progress);
        return fpn().calibrate(rois, moment);
      };
      lossOf(levels(1), [first], { name: "listener", label: "listener", calibrate }, 0.25);
      assert.deepEqual(told, [0.25]);
    }));

  test("is 0 without RoIs, and an image without RoIs does not change that of another", () =>
    scope(() => {
      const zero = lossOf(levels(1), [none], bde());
      assert.deepEqual([zero.roiClass.item(), zero.roiBox.item()], [0, 0]);
      const one = lossOf(
        levels(2).map((level) => level.slice(0, 0, 1)),
        [first],
        bde(),
      );
      const two = lossOf(levels(2), [first, none], bde());
      assert.ok(Math.abs(one.roiClass.item() - two.roiClass.item()) < 1e-6);
    }));

  test("asks no calibration where the label is certain", () =>
    scope(() => {
      const free: Calibration = { ...fpn(), calibrate: (rois, moment) => silenced(fpn().calibrate(rois, moment)) };
      const certain = { ...first, certain: new Uint8Array(first.labels.length).fill(1) };
      const plain = lossOf(levels(1), [first], fpn());
      assert.equal(lossOf(levels(1), [first], free).roiClass.item(), 0);
      assert.equal(lossOf(levels(1), [certain], free).roiClass.item(), plain.roiClass.item());
      assert.equal(lossOf(levels(1), [certain], free).roiBox.item(), plain.roiBox.item());
      assert.notEqual(lossOf(levels(1), [first], completeness({ c: 0.1 })).roiClass.item(), plain.roiClass.item());
      assert.equal(lossOf(levels(1), [certain], completeness({ c: 0.1 })).roiClass.item(), plain.roiClass.item());
      assert.equal(lossOf(levels(1), [first], completeness({ c: 1 })).roiClass.item(), plain.roiClass.item());
    }));

  test("tells a calibration where labels are certain, and what each RoI stands for", () =>
    scope(() => {
      const { asked, ...calibration } = recording(fpn());
      lossOf(levels(2), [first, second], calibration);
      [first, second].forEach(({ certain, standsFor }, n) => {
        assert.deepEqual([asked[n].certain, asked[n].standsFor], [certain, standsFor]);
      });
    }));

  test("shows all proposals, regressed, to a calibration that needs them", () =>
    scope(() => {
      const { asked, ...calibration } = recording({ ...fpn(), needsAllProposals: true });
      lossOf(levels(2), [first, second], calibration);
      [first, second].forEach(({ candidates }, n) => {
        const { boxes, all } = asked[n];
        assert.ok(all && all.boxes.length === candidates.length);
        assert.deepEqual(all.proposals, candidates);
        assert.ok(largestDifference(rowsAt(all.boxes, all.rows), boxes) < 1e-3);
        assert.deepEqual(rowsAt(candidates, all.rows), asked[n].proposals);
      });
    }));
});

test("odds of all scores can be scaled: ranking and boxes stay", () =>
  scope(() => {
    const two = scope(() => new RoiHeads(config, 2, new Generator(1)));
    const settings = { ...defaultConfig.detection, scoreThreshold: 0, nmsThreshold: 1 };
    const find = () => two.detect(levels(1), [diagonal], [[64, 64]], settings)[0];
    const before = find();
    two.scaleOdds(0.25);
    const after = find();
    assert.deepEqual([after.boxes, after.labels], [before.boxes, before.labels]);
    after.scores.forEach((score, d) => {
      const odds = (p: number): number => p / (1 - p);
      assert.ok(Math.abs(odds(score) / odds(before.scores[d]) - 0.25) < 1e-4);
    });
    two.release();
  }));
