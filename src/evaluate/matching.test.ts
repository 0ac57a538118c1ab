import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { area, type Box, iou as iouOf } from "../geometry/box.ts";
import { Random } from "../random.ts";
import { type Detection, match, type Truth } from "./matching.ts";

const truth = (box: Box, more: Partial<Truth> = {}): Truth => ({ imageId: 1, categoryId: 1, box, ...more });
const detection = (box: Box, score: number, more: Partial<Detection> = {}): Detection => ({
  imageId: 1,
  categoryId: 1,
  box,
  score,
  ...more,
});
const truthOf = (truths: Truth[], detections: Detection[], iou = 0.5) => [...match(truths, detections, { iou }).truthOf];

/** Every detection against every truth, in the order of pycocotools' evaluateImg. */
function slowTruthOf(truths: readonly Truth[], detections: readonly Detection[], threshold: number): number[] {
  const result: number[] = Array(detections.length).fill(-1);
  const ranked = detections.map((_, i) => i).sort((a, b) => detections[b].score - detections[a].score); // stable
  for (const d of ranked) {
    const { imageId, categoryId, box } = detections[d];
    for (const ignored of [false, true]) {
      let most = threshold;
      truths.forEach((t, index) => {
        if (t.imageId !== imageId || t.categoryId !== categoryId || (t.ignore ?? false) !== ignored) return;
        if (!ignored && result.includes(index)) return;
        const union = ignored ? area(box) : area(box) + area(t.box) - intersection(box, t.box);
        if (intersection(box, t.box) / union < most) return;
        most = intersection(box, t.box) / union;
        result[d] = index;
      });
      if (result[d] !== -1) break;
    }
  }
  return result;
}

function intersection(a: Box, b: Box): number {
  const side = (i: number) => Math.max(0, Math.min(a[i + 2], b[i + 2]) - Math.max(a[i], b[i]));
  return side(0) * side(1);
}

// Few places, sizes and scores, so that overlaps and scores are often equal.
const box = fc
  .tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .map(([x, y, w, h]): Box => [x, y, x + w, y + h]);
const place = { imageId: fc.integer({ min: 1, max: 2 }), categoryId: fc.integer({ min: 1, max: 2 }), box };
const truthsArbitrary = fc.array(fc.record({ ...place, ignore: fc.constantFrom(false, false, false, true) }), { maxLength: 25 });
const detectionsArbitrary = fc.array(fc.record({ ...place, score: fc.constantFrom(0.1, 0.4, 0.8) }), { maxLength: 25 });

test("each detection takes the best free truth", () => {
  const truths = [truth([0, 0, 10, 10]), truth([0, 3, 10, 13])];
  // The second overlaps truth 0 most, but the first, surer one has it.
  assert.deepEqual(truthOf(truths, [detection([0, 0, 10, 10], 0.9), detection([0, 1, 10, 11], 0.8)]), [0, 1]);
  assert.deepEqual(truthOf(truths, [detection([0, 0, 10, 10], 0.8), detection([0, 1, 10, 11], 0.9)]), [1, 0]);
  // A third one on the same two finds nothing.
  assert.deepEqual(
    truthOf(
      truths,
      [0.3, 0.2, 0.1].map((score) => detection([0, 1, 10, 11], score)),
    ),
    [0, 1, -1],
  );
});

test("an overlap equal to the threshold is enough", () => {
  const half = detection([0, 0, 10, 5], 1);
  assert.deepEqual(truthOf([truth([0, 0, 10, 10])], [half], 0.5), [0]);
  assert.deepEqual(truthOf([truth([0, 0, 10, 10])], [half], 0.500001), [-1]);
  assert.deepEqual(truthOf([truth([0.1, 0.2, 10.3, 10.4])], [detection([0.1, 0.2, 10.3, 10.4], 1)], 1), [0]);
  assert.deepEqual(truthOf([truth([0, 0, 10, 10])], [detection([10, 0, 20, 10], 1)], 1e-9), [-1], "touching is no overlap");
});

test("equal scores keep their order, equal overlaps go to the later truth", () => {
  const { ranking } = match(
    [],
    [0.5, 0.7, 0.5, 0.7, 0.5].map((score) => detection([0, 0, 1, 1], score)),
  );
  assert.deepEqual([...ranking], [1, 3, 0, 2, 4]);
  const same = [truth([0, 0, 4, 4]), truth([0, 0, 4, 4])];
  assert.deepEqual(truthOf(same, [detection([0, 0, 4, 4], 0.5), detection([0, 0, 4, 4], 0.5)]), [1, 0]);
});

test("other images and categories do not match", () => {
  const detections = [
    detection([0, 0, 4, 4], 1, { imageId: 2 }),
    detection([0, 0, 4, 4], 1, { categoryId: 2 }),
    detection([0, 0, 4, 4], 0),
  ];
  assert.deepEqual(truthOf([truth([0, 0, 4, 4])], detections), [-1, -1, 0]);
});

test("an ignored truth takes detections that no other truth takes, any number of times", () => {
  const truths = [truth([0, 0, 100, 100], { ignore: true }), truth([10, 10, 20, 20])];
  const inside = detection([50, 50, 60, 60], 0.9); // its IoU with the region is 0.01, but all of it lies inside
  assert.deepEqual(
    truthOf(truths, [inside, inside, detection([10, 10, 20, 20], 0.5), detection([11, 10, 21, 20], 0.4)]),
    [0, 0, 1, 0],
  );
  assert.deepEqual(truthOf(truths, [detection([95, 95, 105, 105], 1)]), [-1], "a quarter inside is not enough");
});

test("nothing", () => {
  assert.deepEqual(truthOf([], []), []);
  assert.deepEqual(truthOf([truth([0, 0, 1, 1])], []), []);
  assert.deepEqual(truthOf([], [detection([0, 0, 1, 1], 1)]), [-1]);
});

test("equals comparing every detection with every truth", () => {
  fc.assert(
    fc.property(truthsArbitrary, detectionsArbitrary, fc.constantFrom(0.1, 1 / 3, 0.5, 0.75, 1), (truths, detections, iou) => {
      assert.deepEqual(truthOf(truths, detections, iou), slowTruthOf(truths, detections, iou));
    }),
    { numRuns: 1000 },
  );
});

test("hundreds of boxes on one image: equals comparing with every truth", () => {
  const random = new Random(3);
  const some = (): Box => {
    const [x, y] = [random.uniform(0, 1000), random.uniform(0, 1000)];
    return [x, y, x + random.uniform(10, 60), y + random.uniform(10, 60)];
  };
  const truths = Array.from({ length: 800 }, () => truth(some()));
  const detections = Array.from({ length: 800 }, (_, i) => detection(i % 2 ? some() : truths[i].box, random.uniform()));
  assert.deepEqual(truthOf(truths, detections, 0.3), slowTruthOf(truths, detections, 0.3));
});

test("what a detection finds does not depend on those with lower scores", () => {
  fc.assert(
    fc.property(truthsArbitrary, detectionsArbitrary, fc.constantFrom(0.4, 0.8), (truths, detections, score) => {
      const all = match(truths, detections).truthOf;
      const kept = detections.flatMap((d, i) => (d.score >= score ? [i] : []));
      assert.deepEqual(
        truthOf(
          truths,
          kept.map((i) => detections[i]),
        ),
        kept.map((i) => all[i]),
      );
    }),
  );
});

test("a truth is found once, by a box that overlaps it enough", () => {
  fc.assert(
    fc.property(truthsArbitrary, detectionsArbitrary, (truths, detections) => {
      const matched = match(truths, detections).truthOf;
      const counted = [...matched].filter((t) => t !== -1 && !truths[t].ignore);
      assert.equal(new Set(counted).size, counted.length);
      for (const [d, t] of matched.entries())
        assert.ok(t === -1 || truths[t].ignore || iouOf(truths[t].box, detections[d].box) >= 0.5);
    }),
  );
});

test("numbers that are not finite and a threshold outside (0, 1] are refused", () => {
  const wrong = (truths: Truth[], detections: Detection[], iou?: number) => () => match(truths, detections, { iou });
  assert.throws(
    wrong([], [detection([0, 0, 1, 1], 1), detection([0, 0, 1, 1], NaN)]),
    /match: expected finite numbers, got box \[0,0,1,1\] and score NaN of detection 1/,
  );
  assert.throws(wrong([truth([0, 0, Infinity, 1])], []), /of truth 0/);
  for (const iou of [0, -1, 1.01, NaN]) assert.throws(wrong([], [], iou), /RangeError: match: expected iou in \(0, 1\], got/);
});
