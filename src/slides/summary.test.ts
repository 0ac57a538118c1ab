import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CellGrid } from "./cell-grid.ts";
import { labellingClasses } from "./labelling.ts";
import { type FoundCell, SlideSummary } from "./summary.ts";
import { wholeSlide } from "./tissue.ts";

const slide = { path: "a.svs", width: 20_000, height: 10_000, mpp: { x: 0.5, y: 0.5, from: "Aperio MPP" } }; // 10 × 5 mm
const left = wholeSlide(slide).within({ holds: (x) => x < 10_000 });
const summaryOf = (classes: readonly string[], cells: readonly FoundCell[], options: object = {}) => {
  const summary = new SlideSummary({ slide, tissue: left, classes, ...options });
  for (const cell of cells) summary.add(cell);
  return summary.finish();
};

/** `count` cells of a class around a place, some pixels from one another. */
const cluster = (count: number, x: number, y: number, classIndex: number): FoundCell[] =>
  Array.from({ length: count }, (_, i) => ({ x: x + (i % 7) * 3, y: y + (i % 5) * 3, classIndex }));

test("cells by class for each mm² of tissue, the labelling index, the hot spot of the positive ones", () => {
  const cells = [
    ...cluster(30, 4000, 4000, 1),
    ...cluster(50, 4100, 4000, 0),
    ...cluster(120, 8000, 8000, 0),
    ...cluster(10, 500, 500, 1),
  ];
  const { hotSpot, ...numbers } = summaryOf(["Negative", "Positive"], cells);
  assert.deepEqual(numbers, {
    slide: "a.svs",
    width: 20_000,
    height: 10_000,
    mpp: slide.mpp,
    tissueMm2: 25,
    tissueShare: 0.5,
    cells: 210,
    perMm2: 8.4,
    classes: [
      { name: "Negative", cells: 170, perMm2: 6.8 },
      { name: "Positive", cells: 40, perMm2: 1.6 },
    ],
    labelling: { positive: "Positive", negative: "Negative", index: 40 / 210 },
  });
  assert.ok(hotSpot);
  const { x, y, width, height, mm2, ...inside } = hotSpot;
  assert.ok(Math.abs(mm2 - 2) < 1e-9 && Math.abs(width - height) < 1e-9 && Math.abs(width - 2000 * Math.SQRT2) < 1e-6);
  assert.ok(x <= 4000 && x + width > 4030 && y <= 4000 && y + height > 4030, "around the positive cells");
  assert.deepEqual(inside.of, ["Positive"]);
  assert.equal(inside.cells, 30);
  assert.ok(Math.abs(inside.tissueShare - 1) < 1e-9);
  assert.deepEqual(inside.labelling?.index, 30 / 80);
  assert.deepEqual(
    inside.classes.map(({ cells }) => cells),
    [50, 30],
  );
});

test("one class: its hot spot, of the wanted area; the order of cells does not matter", () => {
  const cells = [...cluster(9, 15_000, 2000, 0), ...cluster(8, 1000, 9990, 0), ...cluster(8, 2000, 9990, 0)];
  const numbers = summaryOf(["mitosis"], cells, { hotSpotMm2: 0.2 });
  assert.equal(numbers.labelling, null);
  assert.ok(numbers.hotSpot && Math.abs(numbers.hotSpot.mm2 - 0.2) < 1e-9);
  assert.equal(numbers.hotSpot.cells, 9);
  assert.equal(summaryOf(["mitosis"], cells).hotSpot?.cells, 16, "2 mm² hold both of the others");
  assert.deepEqual(summaryOf(["mitosis"], cells.toReversed(), { hotSpotMm2: 0.2 }), numbers);
});

test("no cell, no microns, no tissue, tissue smaller than the hot spot", () => {
  const none = summaryOf(["positive", "negative"], []);
  assert.deepEqual([none.cells, none.perMm2, none.labelling?.index, none.hotSpot], [0, 0, null, null]);
  const unknown = { ...slide, mpp: null };
  const inPixels = summaryOf(["cell"], cluster(5, 100, 100, 0), { slide: unknown, tissue: wholeSlide(unknown) });
  assert.deepEqual([inPixels.cells, inPixels.tissueMm2, inPixels.perMm2, inPixels.hotSpot], [5, null, null, null]);
  const empty = summaryOf(["cell"], [], { tissue: left.within({ holds: () => false }) });
  assert.deepEqual([empty.tissueMm2, empty.perMm2], [0, null]);
  const small = { ...slide, width: 1000, height: 400 };
  const onSmall = { slide: small, tissue: wholeSlide(small) }; // 0.1 mm²
  assert.equal(summaryOf(["cell"], cluster(5, 990, 390, 0), onSmall).hotSpot, null, "2 mm² would be all of it");
  const { hotSpot } = summaryOf(["cell"], cluster(5, 990, 390, 0), { ...onSmall, hotSpotMm2: 0.09 });
  assert.deepEqual([hotSpot?.height, hotSpot?.cells], [400, 5], "0.3 mm wide, cut off at 0.2 mm of height");
});

test("positive and negative classes are known by their names", () => {
  const pairs: readonly (readonly [string[], [number, number] | null])[] = [
    [
      ["positive", "negative"],
      [0, 1],
    ],
    [
      ["Negative", "Stroma", "Positive"],
      [2, 0],
    ],
    [
      ["Tumor: Negative", "Tumor: Positive", "Positive"],
      [1, 0],
    ],
    [
      ["Ki67+", "Ki67-"],
      [0, 1],
    ],
    [
      ["immunopositive nucleus", "immunonegative nucleus"],
      [0, 1],
    ],
    [
      ["pos", "NEG"],
      [0, 1],
    ],
    [["positive nucleus"], null],
    [["Tumor: Positive", "Stroma: Negative"], null],
    [["Tumor: Positive", "Tumor: Negative", "Stroma: Positive", "Stroma: Negative"], null],
    [["position", "negligible"], null],
    [[], null],
  ];
  for (const [names, expected] of pairs) {
    const found = labellingClasses(names);
    assert.deepEqual(found && [found.positive, found.negative], expected, names.join());
  }
});

test("property: no block of squares has more cells than the densest", () => {
  const cell = fc.tuple(fc.integer({ min: -5, max: 105 }), fc.integer({ min: -5, max: 65 }), fc.integer({ min: 0, max: 1 }));
  const side = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 40 }), side, side, (cells, across, down) => {
      const grid = new CellGrid({ width: 100, height: 60 }, { x: 10, y: 10 }, 2);
      for (const [x, y, label] of cells) grid.add(x, y, label);
      const found = grid.densest([1], across, down);
      let most = 0;
      for (let y = 0; y < 6; y++)
        for (let x = 0; x < 10; x++) most = Math.max(most, grid.within({ x, y, width: across, height: down })[1]);
      assert.equal(found?.cells ?? 0, most);
      if (found) assert.equal(grid.within({ x: found.column, y: found.row, width: across, height: down })[1], most);
    }),
  );
});
