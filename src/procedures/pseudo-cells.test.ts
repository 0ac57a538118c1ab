import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Symmetry, turned, turnedPoint } from "../data/loader/symmetry.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { type Box, iou } from "../geometry/box.ts";
import { type RegionKind, rectangleRing } from "../geometry/region.ts";
import { boxAt, fromBoxes, movedBoxes, toBoxes } from "../geometry/rows.ts";
import type { View } from "./procedure.ts";
import {
  averageNext,
  averageNow,
  countAdded,
  markedScores,
  movedTo,
  noAverage,
  type PseudoCells,
  unmarkedCells,
  withCells,
  withFound,
} from "./pseudo-cells.ts";

const symmetries: readonly Symmetry[] = Array.from({ length: 8 }, (_, bits) => ({
  mirrorX: (bits & 1) > 0,
  mirrorY: (bits & 2) > 0,
  transpose: (bits & 4) > 0,
}));

const box: fc.Arbitrary<Box> = fc
  .tuple(fc.nat(40), fc.nat(40), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
  .map(([x, y, w, h]) => [x, y, x + w, y + h]);
const label = fc.integer({ min: 1, max: 2 });
const cells = fc.array(fc.tuple(box, label), { maxLength: 4 }).map(
  (list): KnownCells => ({
    boxes: fromBoxes(list.map(([place]) => place)),
    labels: Int32Array.from(list, ([, kind]) => kind),
  }),
);
const found = fc.array(fc.tuple(box, label, fc.integer({ min: 0, max: 64 })), { maxLength: 8 }).map(
  (list): PseudoCells => ({
    boxes: fromBoxes(list.map(([place]) => place)),
    labels: Int32Array.from(list, ([, kind]) => kind),
    scores: Float32Array.from(list, ([, , score]) => score / 64),
  }),
);
const noCells: KnownCells = { boxes: new Float32Array(0), labels: new Int32Array(0) };
const all = { isCell: () => true, overlap: 1 };

const region = (kind: RegionKind, ...corners: Box) => ({ kind, rings: [rectangleRing(...corners)] });
const rows = ({ boxes, labels, scores }: PseudoCells): unknown[] => toBoxes(boxes).map((one, k) => [one, labels[k], scores[k]]);

test("property: unmarked cells are those of a slow reference, in their order", () => {
  const overlap = fc.constantFrom(0, 0.25, 0.5, 1);
  fc.assert(
    fc.property(found, cells, fc.option(box), fc.option(box), overlap, (given, known, ignored, complete, overlap) => {
      const regions = [ignored && region("ignore", ...ignored), complete && region("complete", ...complete)].filter(
        (one) => one !== null,
      );
      const inside = ([x1, y1, x2, y2]: Box, area: Box | null): boolean => {
        const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
        return area !== null && x >= area[0] && x < area[2] && y >= area[1] && y < area[3];
      };
      const slow: unknown[] = [];
      for (const [k, score] of given.scores.entries()) {
        const place = boxAt(given.boxes, k);
        if (given.labels[k] === 1 && score < 0.5) continue;
        if (inside(place, ignored) || inside(place, complete)) continue;
        if (toBoxes(known.boxes).some((marked) => iou(marked, place) > overlap)) continue;
        slow.push([place, given.labels[k], score]);
      }
      const isCell = (score: number, kind: number): boolean => kind === 2 || score >= 0.5;
      const centresOnBorders = toBoxes(given.boxes).some((place) =>
        [ignored, complete].some((area) => area && [0, 1].some((axis) => onBorder(place, area, axis))),
      );
      fc.pre(!centresOnBorders); // which side a border belongs to is the region's business
      assert.deepEqual(rows(unmarkedCells(given, { ...known, regions }, { isCell, overlap })), slow);
    }),
  );
});

function onBorder(place: Box, area: Box, axis: number): boolean {
  const centre = (place[axis] + place[axis + 2]) / 2;
  return centre === area[axis] || centre === area[axis + 2];
}

test("where something is known no cell is added: in complete and ignored regions, and on hard negatives", () => {
  const one: PseudoCells = { boxes: Float32Array.of(10, 10, 20, 20), labels: Int32Array.of(1), scores: Float32Array.of(1) };
  const around: Box = [12, 12, 18, 18];
  assert.equal(unmarkedCells(one, noCells, all).labels.length, 1);
  for (const known of [
    { ...noCells, regions: [region("complete", ...around)] },
    { ...noCells, regions: [region("ignore", ...around)] },
    { ...noCells, negatives: Float32Array.of(...around) },
  ])
    assert.equal(unmarkedCells(one, known, all).labels.length, 0);
  const aside = { ...noCells, regions: [region("complete", 30, 30, 40, 40)], negatives: Float32Array.of(0, 0, 9, 9) };
  assert.equal(unmarkedCells(one, aside, all).labels.length, 1);
});

test("cells are added behind the marked ones, and all else that is known stays", () => {
  const known = { boxes: Float32Array.of(1, 2, 3, 4), labels: Int32Array.of(2), regions: [region("ignore", 0, 0, 1, 1)] };
  const added = { boxes: Float32Array.of(5, 6, 7, 8), labels: Int32Array.of(1) };
  const both = withCells(known, added);
  assert.deepEqual(both, {
    ...known,
    boxes: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    labels: Int32Array.of(2, 1),
  });
  assert.equal(countAdded([both, known], [known, known]), 1);
});

/** A view of one image of `width` × `height`, whose pixel at (x, y) is white. */
function viewOf(symmetry: Symmetry, { width, height }: { width: number; height: number }, [x, y]: readonly number[]): View {
  const data = new Uint8Array(3 * width * height);
  data.fill(255, 3 * (y * width + x), 3 * (y * width + x) + 3);
  return { images: [turned({ width, height, data }, symmetry)], known: [noCells], symmetries: [symmetry] };
}
const size = fc.record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) });
const anImage = size.chain((sides) =>
  fc.record({ size: fc.constant(sides), pixel: fc.tuple(fc.nat(sides.width - 1), fc.nat(sides.height - 1)) }),
);
const symmetry = fc.constantFrom(...symmetries);

test("property: a marked pixel is where its box is moved to, from every view to every other", () => {
  const whiteBox = ({ width, data }: { width: number; data: Uint8Array }): number[] => {
    const at = data.indexOf(255) / 3;
    const [x, y] = [at % width, Math.floor(at / width)];
    return [x, y, x + 1, y + 1];
  };
  fc.assert(
    fc.property(anImage, symmetry, symmetry, ({ size, pixel }, one, other) => {
      const [from, to] = [one, other].map((each) => viewOf(each, size, pixel));
      const moved = movedTo(Float32Array.from(whiteBox(from.images[0])), from, to, 0);
      assert.deepEqual([...moved], whiteBox(to.images[0]));
    }),
    { numRuns: 300 },
  );
});

test("property: from one view to another and back is where it was, and what is known moves as the view turns it", () => {
  fc.assert(
    fc.property(cells, symmetry, symmetry, ({ boxes }, one, other) => {
      const sides = { width: 70, height: 64 };
      const [from, to] = [one, other].map((each) => viewOf(each, sides, [0, 0]));
      const turnedTo = (each: Symmetry) => movedBoxes(boxes, (x, y) => turnedPoint([x, y], sides, each));
      assert.deepEqual(movedTo(turnedTo(one), from, to, 0), turnedTo(other));
      assert.deepEqual(movedTo(movedTo(boxes, from, to, 0), to, from, 0), boxes);
      if (one === other) assert.deepEqual(movedTo(boxes, from, to, 0), boxes);
    }),
    { numRuns: 300 },
  );
});

test("property: what is found on another view is added where it lies on this one", () => {
  fc.assert(
    fc.property(found, cells, symmetry, symmetry, (given, known, one, other) => {
      const [from, to] = [one, other].map((each) => viewOf(each, { width: 70, height: 64 }, [0, 0]));
      const view = { ...to, known: [known] };
      const rule = { isCell: (score: number) => score > 0.5, overlap: 0.3 };
      const here = { ...given, boxes: movedTo(given.boxes, from, to, 0) };
      assert.deepEqual(withFound(view, [given], from, rule), [withCells(known, unmarkedCells(here, known, rule))]);
    }),
  );
});

test("property: the score of a marked cell is the best of its class that lies on it", () => {
  fc.assert(
    fc.property(found, cells, (given, known) => {
      const scores = toBoxes(known.boxes).map((marked, g) =>
        Math.max(
          0,
          ...rows(given)
            .filter((_, k) => given.labels[k] === known.labels[g] && iou(marked, boxAt(given.boxes, k)) >= 0.3)
            .map((row) => (row as number[])[2]),
        ),
      );
      assert.deepEqual(markedScores(given, known, 0.3), scores);
      const regions = [region("ignore", -1, -1, 100, 100)];
      assert.deepEqual(markedScores(given, { ...known, regions }, 0.3), []);
    }),
  );
});

test("the moving average of a constant is that constant, and begins at 0", () => {
  assert.equal(averageNow(noAverage()), 0);
  let average = noAverage();
  for (let step = 0; step < 30; step++) {
    average = averageNext(average, 7);
    assert.ok(Math.abs(averageNow(average) - 7) < 1e-12);
  }
});
