import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Box } from "../geometry/box.ts";
import { averagePrecision11, averagePrecisionAllPoints } from "./average-precision.ts";
import { someDetections, someTruths } from "./evaluation.fixture.ts";
import { match } from "./matching.ts";
import type { Detection, Truth } from "./pairs.ts";
import { meanOverCategories, tally } from "./tally.ts";
import { matchVoc } from "./voc-matching.ts";

/** voc_eval.py for one category, list by list: precision and recall after each detection, then voc_ap. */
function slowVoc(truths: readonly Truth[], detections: readonly Detection[], threshold: number, use07: boolean): number {
  const records = truths.map((truth) => ({ ...truth, det: false }));
  const positives = records.filter(({ ignore }) => !ignore).length;
  const [tp, fp]: number[][] = [[], []];
  for (const { imageId, box: bb } of detections.toSorted((a, b) => b.score - a.score)) {
    const there = records.filter((record) => record.imageId === imageId);
    const overlaps = there.map(({ box }) => {
      const iw = Math.max(Math.min(box[2], bb[2]) - Math.max(box[0], bb[0]) + 1, 0);
      const ih = Math.max(Math.min(box[3], bb[3]) - Math.max(box[1], bb[1]) + 1, 0);
      const size = (b: Box) => (b[2] - b[0] + 1) * (b[3] - b[1] + 1);
      return (iw * ih) / (size(bb) + size(box) - iw * ih);
    });
    const highest = Math.max(-Infinity, ...overlaps);
    const record = there[overlaps.indexOf(highest)];
    if (highest > threshold && record.ignore) continue; // neither: the tool leaves a 0 in both lists
    const right = highest > threshold && !record.det;
    if (right) record.det = true;
    tp.push((tp.at(-1) ?? 0) + Number(right));
    fp.push((fp.at(-1) ?? 0) + Number(!right));
  }
  const recall = tp.map((n) => n / positives);
  const precision = tp.map((n, i) => n / (n + fp[i]));
  const highestFrom = (least: number) => Math.max(0, ...precision.filter((_, i) => recall[i] >= least - 1e-12));
  if (use07) return Array.from({ length: 11 }, (_, k) => highestFrom(k / 10)).reduce((sum, p) => sum + p, 0) / 11;
  return [...new Set(recall)].filter((r) => r > 0).reduce((sum, r, i, all) => sum + (r - (all[i - 1] ?? 0)) * highestFrom(r), 0);
}

test("equals voc_eval.py's steps", () => {
  fc.assert(
    fc.property(someTruths, someDetections, fc.constantFrom(0.3, 0.5), (truths, detections, iou) => {
      const tallies = tally(truths, detections, matchVoc(truths, detections, { iou }));
      const categories = [1, 2].filter((id) => truths.some(({ categoryId, ignore }) => categoryId === id && !ignore));
      for (const [ap, use07] of [
        [averagePrecision11, true],
        [averagePrecisionAllPoints, false],
      ] as const) {
        const slow = categories.map((id) => {
          const of = ({ categoryId }: Truth) => categoryId === id;
          return slowVoc(truths.filter(of), detections.filter(of), iou, use07);
        });
        const expected = slow.reduce((sum, value) => sum + value, 0) / Math.max(1, slow.length);
        assert.ok(Math.abs(meanOverCategories(tallies, ap) - expected) < 1e-6);
      }
    }),
    { numRuns: 300 },
  );
});

const truth = (box: Box, more: Partial<Truth> = {}): Truth => ({ imageId: 1, categoryId: 1, box, ...more });
const found = (truths: Truth[], ...boxes: Box[]) => [
  ...matchVoc(
    truths,
    boxes.map((box, i) => ({ imageId: 1, categoryId: 1, box, score: 1 - i / 8 })),
  ).truthOf,
];

test("a detection whose best truth is taken is wrong, where COCO's rule gives it the next one", () => {
  const truths = [truth([0, 0, 99, 99]), truth([20, 0, 119, 99])];
  const boxes: Box[] = [
    [0, 0, 99, 99],
    [5, 0, 104, 99],
  ];
  assert.deepEqual(found(truths, ...boxes), [0, -1]);
  const detections = boxes.map((box, i) => ({ imageId: 1, categoryId: 1, box, score: 1 - i }));
  assert.deepEqual([...match(truths, detections).truthOf], [0, 1]);
});

test("pixels are inclusive and the threshold is not", () => {
  assert.deepEqual(found([truth([0, 0, 9, 9])], [0, 0, 9, 4]), [-1], "10 × 5 of 10 × 10 pixels is exactly 0.5");
  assert.deepEqual(found([truth([0, 0, 9, 9])], [0, 0, 9, 4.1]), [0]);
  const pixel = (x: number): Box => [x, 0, x, 0];
  for (const x of [-0.5, 0, 0.5]) {
    const { truthOf } = matchVoc([truth(pixel(0))], [{ ...truth(pixel(x)), score: 1 }], { iou: 0.3 });
    assert.deepEqual([...truthOf], [0], "one pixel, and half of one beside it");
  }
});

test("difficult truths do not count, however many detections find them; no truths and no detections", () => {
  const difficult = truth([0, 0, 9, 9], { ignore: true });
  assert.deepEqual(found([difficult], [0, 0, 9, 9], [0, 0, 9, 9]), [0, 0]);
  assert.deepEqual(found([]), []);
  assert.deepEqual(found([], [0, 0, 9, 9]), [-1]);
  assert.throws(() => found([], [0, 0, NaN, 9]), /finite/);
});
