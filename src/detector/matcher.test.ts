import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Box, iou } from "../geometry/box.ts";
import { type AnchorGrid, anchorGrid } from "./anchors.ts";
import { goldenBoxes, goldenParts } from "./golden.fixture.ts";
import { background, between, matchAnchors, matchProposals } from "./matcher.ts";

const rows = (boxes: Float32Array): Box[] =>
  Array.from({ length: boxes.length / 4 }, (_, k) => Array.from(boxes.subarray(4 * k, 4 * k + 4)) as unknown as Box);
const overlaps = (truths: Box[], candidate: Box): number[] => truths.map((truth) => Math.fround(iou(truth, candidate)));

/** The rules of torchvision's Matcher on the whole IoU matrix [G, A], written down one after another. */
function slowMatch(
  truths: Box[],
  anchors: Box[],
  { foregroundIou, backgroundIou }: { foregroundIou: number; backgroundIou: number },
): number[] {
  const matrix = anchors.map((anchor) => overlaps(truths, anchor)); // [A, G]
  const nearest = matrix.map((row) => row.indexOf(Math.max(...row)));
  const best = truths.map((_, g) => Math.max(...matrix.map((row) => row[g])));
  return matrix.map((row, a) => {
    if (truths.length === 0) return background;
    if (row.some((value, g) => value > 0 && value === best[g])) return nearest[a]; // low-quality matches, ties together
    const largest = row[nearest[a]];
    return largest >= Math.fround(foregroundIou) ? nearest[a] : largest >= Math.fround(backgroundIou) ? between : background;
  });
}

// In quarters of a pixel, so that equal overlaps are frequent; some outside the image.
const quarter = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min: 4 * min, max: 4 * max }).map((x) => x / 4);
const boxesOf = (...sides: fc.Arbitrary<number>[]): fc.Arbitrary<Float32Array> =>
  fc
    .array(fc.tuple(...sides), { maxLength: 6 })
    .map((list) => Float32Array.from(list.flatMap(([x, y, w, h]) => [x, y, x + w, y + h])));
const truthBoxes = boxesOf(quarter(-30, 100), quarter(-30, 80), quarter(1, 50), quarter(1, 50));
const crowded = boxesOf(quarter(0, 3), quarter(0, 3), quarter(4, 8), quarter(4, 8));
const grids: fc.Arbitrary<AnchorGrid> = fc
  .record({
    first: fc.integer({ min: 2, max: 24 }),
    second: fc.integer({ min: 8, max: 60 }),
    ratios: fc.subarray([0.4, 1, 2.2], { minLength: 1 }),
  })
  .map(({ first, second, ratios }) =>
    anchorGrid(
      {
        sizes: [
          [first, first + 5],
          [second, second + 9],
        ],
        aspectRatios: ratios,
      },
      [64, 96],
      [
        [8, 12],
        [4, 6],
      ],
    ),
  );

test("property: anchors match as on the whole matrix", () => {
  fc.assert(
    fc.property(
      grids,
      truthBoxes,
      fc.constantFrom([0.7, 0.3], [0.5, 0.5], [0.6, 0.1]),
      (grid, truths, [foregroundIou, backgroundIou]) => {
        const limits = { foregroundIou, backgroundIou };
        assert.deepEqual(
          Array.from(matchAnchors(grid, truths, limits).matches),
          slowMatch(rows(truths), rows(grid.boxes), limits),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("property: proposals match the box that they overlap most, if enough", () => {
  fc.assert(
    fc.property(crowded, crowded, (proposals, truths) => {
      const expected = rows(proposals).map((proposal) => {
        const own = overlaps(rows(truths), proposal);
        const largest = Math.max(0, ...own);
        return largest >= 0.5 ? own.indexOf(largest) : background;
      });
      assert.deepEqual(Array.from(matchProposals(proposals, truths, 0.5).matches), expected);
    }),
  );
});

test("proposals match as in torchvision", () => {
  const larger = (boxes: Float32Array): Float32Array => boxes.map((value, i) => (i % 4 < 2 ? value : value + 8)); // so that many overlap
  const { matches } = matchProposals(
    larger(goldenBoxes("matcher/proposals", 80, 24)),
    larger(goldenBoxes("matcher/truths", 5, 24)),
    0.5,
  );
  assert.ok(goldenParts.matcher.proposals.filter((g) => g >= 0).length > 3);
  assert.deepEqual(Array.from(matches), goldenParts.matcher.proposals);
});

test("an IoU of exactly a threshold counts as reached, as in torchvision", () => {
  // one anchor each, IoU 0.7, 0.3 and 1 with the square; the anchor of IoU 1 is the square's best
  const grid: AnchorGrid = {
    levels: [
      [0, 0, 10, 7],
      [0, 0, 10, 3],
      [0, 0, 10, 10],
    ].map((shape, start) => ({ width: 1, height: 1, strideX: 16, strideY: 16, shapes: Float32Array.from(shape), start })),
    boxes: Float32Array.of(0, 0, 10, 7, 0, 0, 10, 3, 0, 0, 10, 10),
  };
  const square = Float32Array.of(0, 0, 10, 10);
  const matches = Array.from(matchAnchors(grid, square, { foregroundIou: 0.7, backgroundIou: 0.3 }).matches);
  assert.deepEqual(matches, goldenParts.matcher.exact);
  assert.deepEqual(matches, [0, between, 0]);
  assert.deepEqual(Array.from(matchProposals(grid.boxes, square, 0.7).matches), [0, background, 0]);
});

test("of annotated boxes that overlap a candidate equally the first counts", () => {
  const twice = Float32Array.of(8, 8, 24, 24, 8, 8, 24, 24);
  const grid = anchorGrid({ sizes: [[16]], aspectRatios: [1] }, [64, 64], [[4, 4]]);
  const matched = matchAnchors(grid, twice, { foregroundIou: 0.7, backgroundIou: 0.3 }).matches.filter((match) => match >= 0);
  assert.ok(matched.length > 0 && matched.every((match) => match === 0));
  assert.deepEqual(Array.from(matchProposals(Float32Array.of(8, 8, 24, 22), twice, 0.5).matches), [0]);
});

test("without annotated boxes everything is background", () => {
  const grid = anchorGrid({ sizes: [[16]], aspectRatios: [1] }, [64, 64], [[4, 4]]);
  const none = new Float32Array(0);
  assert.ok(matchAnchors(grid, none, { foregroundIou: 0.7, backgroundIou: 0.3 }).matches.every((match) => match === background));
  assert.ok(matchProposals(grid.boxes, none, 0.5).matches.every((match) => match === background));
  assert.equal(matchProposals(none, grid.boxes, 0.5).matches.length, 0);
});

test("a box that no anchor touches makes none of them foreground", () => {
  const grid = anchorGrid({ sizes: [[8]], aspectRatios: [1] }, [64, 64], [[4, 4]]);
  const { matches } = matchAnchors(grid, Float32Array.of(500, 500, 510, 510), { foregroundIou: 0.7, backgroundIou: 0.3 });
  assert.ok(matches.every((match) => match === background));
});
