import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { Box } from "../geometry/box.ts";
import { cocoAveragePrecision } from "./coco-average-precision.ts";
import { someDetections, someTruths } from "./evaluation.fixture.ts";
import type { Detection, Truth } from "./pairs.ts";

const side = (box: Box, axis: number) => box[axis + 2] - box[axis];
const areaOf = (box: Box) => side(box, 0) * side(box, 1);

/** maskApi's bbIou: a crowd's union is the detection alone. */
function bbIou(detection: Box, truth: Box, crowd: boolean): number {
  const [w, h] = [0, 1].map((i) => Math.min(detection[i + 2], truth[i + 2]) - Math.max(detection[i], truth[i]));
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (crowd ? areaOf(detection) : areaOf(detection) + areaOf(truth) - w * h);
}

/** evaluateImg of cocoeval.py for one image, category, area range and level: score, matched and ignored of each detection. */
function evaluateImage(truths: Truth[], detections: Detection[], [low, high]: number[], level: number, limit: number) {
  const outside = (box: Box) => areaOf(box) < low || areaOf(box) > high;
  const marked = truths.map((truth) => ({ ...truth, skip: Boolean(truth.ignore) || outside(truth.box) }));
  const gt = [...marked.filter(({ skip }) => !skip), ...marked.filter(({ skip }) => skip)];
  const dt = detections.toSorted((a, b) => b.score - a.score).slice(0, limit);
  const ious = dt.map((d) => gt.map((g) => bbIou(d.box, g.box, Boolean(g.ignore))));
  const matched = gt.map(() => false);
  const results = dt.map((d, dind) => {
    let iou = Math.min(level, 1 - 1e-10);
    let m = -1;
    for (let gind = 0; gind < gt.length; gind++) {
      if (matched[gind] && !gt[gind].ignore) continue;
      if (m > -1 && !gt[m].skip && gt[gind].skip) break;
      if (ious[dind][gind] < iou) continue;
      iou = ious[dind][gind];
      m = gind;
    }
    if (m === -1) return { score: d.score, match: false, ignore: outside(d.box) };
    matched[m] = true;
    return { score: d.score, match: true, ignore: gt[m].skip };
  });
  return { results, positives: gt.filter(({ skip }) => !skip).length };
}

/** accumulate and summarize of cocoeval.py; NaN where it says -1. */
function slowAp(truths: Truth[], detections: Detection[], levels: number[], area: number[], limit: number): number {
  const precisions: number[] = [];
  for (const level of levels) {
    for (const category of [1, 2]) {
      const images = [1, 2, 3].map((image) => {
        const here = ({ imageId, categoryId }: Truth) => imageId === image && categoryId === category;
        return evaluateImage(truths.filter(here), detections.filter(here), area, level, limit);
      });
      const positives = images.reduce((sum, image) => sum + image.positives, 0);
      if (positives === 0) continue;
      const ranked = images.flatMap(({ results }) => results).sort((a, b) => b.score - a.score);
      const tp = ranked.map((_, i) => ranked.slice(0, i + 1).filter(({ match, ignore }) => match && !ignore).length);
      const fp = ranked.map((_, i) => ranked.slice(0, i + 1).filter(({ match, ignore }) => !match && !ignore).length);
      const precision = tp.map((n, i) => n / (n + fp[i] + Number.EPSILON));
      for (let i = precision.length - 1; i > 0; i--) precision[i - 1] = Math.max(precision[i - 1], precision[i]);
      for (let k = 0; k <= 100; k++) {
        const at = tp.findIndex((n) => n / positives >= k * 0.01);
        precisions.push(at === -1 ? 0 : precision[at]);
      }
    }
  }
  return precisions.reduce((sum, value) => sum + value, 0) / precisions.length;
}

const levels = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];
const near = (value: number | null, expected: number) =>
  assert.ok(Math.abs((value ?? NaN) - expected) < 1e-6 || (Number.isNaN(expected) && !value), `${value} is not ${expected}`);

test("equals pycocotools' steps, for every size and limit", () => {
  const limits = fc.constantFrom(1, 2, 5, Infinity);
  fc.assert(
    fc.property(someTruths, someDetections, limits, (truths, detections, maxDetections) => {
      const { ap, ap50, ap75, byArea } = cocoAveragePrecision(truths, detections, { maxDetections });
      const slow = (over: number[], area: number[]) => slowAp(truths, detections, over, area, maxDetections);
      near(ap, slow(levels, [0, 1e10]));
      near(ap50, slow([0.5], [0, 1e10]));
      near(ap75, slow([0.75], [0, 1e10]));
      near(byArea.small, slow(levels, [0, 1024]));
      near(byArea.medium, slow(levels, [1024, 9216]));
      near(byArea.large, slow(levels, [9216, 1e10]));
    }),
    { numRuns: 300 },
  );
});

interface ToolCases {
  /** Detections per image and category; null for all. */
  readonly limits: readonly (number | null)[];
  readonly cases: readonly {
    /** image, category, [x, y, width, height], and whether it is a crowd or which score it has */
    readonly truths: readonly [number, number, Box, 0 | 1][];
    readonly detections: readonly [number, number, Box, number][];
    /** Of each limit: AP, AP at 0.5 and at 0.75, of small, medium and large truths. */
    readonly expected: readonly (readonly [number, number, number, number | null, number | null, number | null])[];
  }[];
}

test("gives the numbers of pycocotools 2.0.11 (test/golden/make-coco.py)", () => {
  const file = new URL("../../test/golden/coco.json", import.meta.url);
  const { limits, cases } = JSON.parse(readFileSync(file, "utf8")) as ToolCases;
  const corners = ([x, y, w, h]: Box): Box => [x, y, x + w, y + h];
  for (const { truths, detections, expected } of cases) {
    const all = truths.map(([imageId, categoryId, box, crowd]) => ({
      imageId,
      categoryId,
      box: corners(box),
      ignore: crowd === 1,
    }));
    const found = detections.map(([imageId, categoryId, box, score]) => ({ imageId, categoryId, box: corners(box), score }));
    for (const [i, limit] of limits.entries()) {
      const { ap, ap50, ap75, byArea } = cocoAveragePrecision(all, found, { maxDetections: limit ?? Infinity });
      for (const [k, value] of [ap, ap50, ap75, byArea.small, byArea.medium, byArea.large].entries()) {
        const theirs = expected[i][k];
        assert.equal(value === null, theirs === null);
        if (value !== null && theirs !== null) assert.ok(Math.abs(value - theirs) < 1e-12, `${value} is not ${theirs}`);
      }
    }
  }
});

const cell = (box: Box, more: Partial<Truth> = {}): Truth => ({ imageId: 1, categoryId: 1, box, ...more });

test("by hand: IoU 0.8 counts at seven of ten levels", () => {
  const { ap, ap50, ap75 } = cocoAveragePrecision([cell([0, 0, 10, 10])], [{ ...cell([0, 0, 10, 8]), score: 0.3 }]);
  assert.ok(Math.abs(ap - 0.7) < 1e-12);
  assert.deepEqual([ap50, ap75], [1, 1]);
});

test("a truth of another size takes one detection, which then does not count", () => {
  const large = cell([0, 0, 100, 100]);
  const small = cell([200, 200, 210, 210]);
  const onSmall = { ...small, score: 0.5 };
  const onLarge = { ...large, score: 0.9 };
  assert.equal(cocoAveragePrecision([large, small], [onLarge, onSmall]).byArea.small, 1);
  // A small detection on the large truth: IoU 0.09, so it is unmatched, small, and wrong.
  assert.equal(cocoAveragePrecision([large, small], [{ ...cell([0, 0, 30, 30]), score: 0.9 }, onSmall]).byArea.small, 0.5);
});

test("no truths, no detections", () => {
  const none = { small: null, medium: null, large: null };
  assert.deepEqual(cocoAveragePrecision([], []), { ap: 0, ap50: 0, ap75: 0, byArea: none });
  assert.deepEqual(cocoAveragePrecision([], [{ ...cell([0, 0, 9, 9]), score: 1 }]), { ap: 0, ap50: 0, ap75: 0, byArea: none });
  assert.deepEqual(cocoAveragePrecision([cell([0, 0, 9, 9])], []), { ap: 0, ap50: 0, ap75: 0, byArea: { ...none, small: 0 } });
});
