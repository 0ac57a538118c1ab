import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { centre } from "../geometry/box.ts";
import { regionAt } from "../geometry/region.ts";
import { type Dataset, visibleCells } from "./dataset.ts";
import { chooseHeldOut, type HoldOut, withHeldOut } from "./hold-out.ts";

interface Made {
  readonly images: number;
  readonly groups: number;
  /** Marks of an image, by its number. */
  readonly marks: (image: number) => number;
  readonly hidden?: (annotation: number) => boolean;
}

/** Images of 400 × 400 pixels; the last is a test image. Every fifth mark is of the second class. */
function made({ images, groups, marks, hidden = () => false }: Made): Dataset {
  const numbers = Array.from({ length: images + 1 }, (_, i) => i + 1);
  const cells = numbers.flatMap((imageId) => Array.from({ length: marks(imageId) }, (_, k) => ({ imageId, k })));
  return {
    dir: "made",
    categories: [
      { id: 1, name: "cell" },
      { id: 2, name: "mitosis" },
    ],
    images: numbers.map((id) => ({
      id,
      fileName: `${id}.png`,
      width: 400,
      height: 400,
      group: `slide ${id % groups}`,
      split: id > images ? "test" : "train",
    })),
    annotations: cells.map(({ imageId, k }, i) => ({
      id: i + 1,
      imageId,
      categoryId: i % 5 === 0 ? 2 : 1,
      box: [20 * (k % 18), 20 * Math.floor(k / 18), 20 * (k % 18) + 12, 20 * Math.floor(k / 18) + 12],
      hidden: hidden(i + 1),
    })),
  };
}

const half = { part: 0.5, seed: 1 };
function split(dataset: Dataset, options: { part: number; seed: number }): HoldOut {
  const held = chooseHeldOut(dataset, options);
  assert.ok(held);
  return withHeldOut(dataset, held);
}

test("marks are held out of a few images, images out of many, groups where there are some", () => {
  const few = chooseHeldOut(made({ images: 3, groups: 3, marks: () => 20 }), half);
  assert.ok(few && "annotations" in few && few.annotations.length === 30);
  const many = chooseHeldOut(made({ images: 10, groups: 2, marks: () => 5 }), half);
  assert.ok(many && "images" in many && many.images.length === 5);
  const slides = split(made({ images: 20, groups: 5, marks: () => 5 }), { part: 0.2, seed: 3 });
  assert.deepEqual(
    [slides.images.length, new Set(slides.images.map(({ group }) => group)).size, slides.marks.length],
    [4, 1, 20],
  );
});

test("one image, one mark: nothing is held out", () => {
  assert.equal(chooseHeldOut(made({ images: 1, groups: 1, marks: () => 1 }), half), null);
  assert.equal(chooseHeldOut(made({ images: 10, groups: 5, marks: (i) => (i === 1 ? 1 : 0) }), half), null);
  assert.equal(chooseHeldOut(made({ images: 1, groups: 1, marks: () => 20 }), { part: 0.1, seed: 1 }), null);
});

test("images without marks are held out beside those with marks", () => {
  const { images } = split(made({ images: 60, groups: 100, marks: (i) => (i % 3 === 0 ? 6 : 0) }), { part: 0.3, seed: 1 });
  const empty = images.filter(({ id }) => id % 3 !== 0).length;
  assert.ok(empty > images.length / 3 && empty < images.length, `${empty} of ${images.length}`);
});

test("no held-out mark is a cell or background of the training, no hidden one is looked at, and every class keeps a mark", () => {
  const arbitrary = fc.record({
    images: fc.integer({ min: 1, max: 24 }),
    groups: fc.integer({ min: 1, max: 9 }),
    most: fc.integer({ min: 1, max: 40 }),
    hides: fc.integer({ min: 2, max: 5 }),
    part: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(arbitrary, ({ images, groups, most, hides, part, seed }) => {
      const dataset = made({ images, groups, marks: (i) => (7 * i) % most, hidden: (id) => id % hides === 0 });
      const held = chooseHeldOut(dataset, { part, seed });
      assert.deepEqual(chooseHeldOut(dataset, { part, seed }), held);
      const moved = dataset.annotations.map((cell) => (cell.hidden ? { ...cell, box: [390, 390, 399, 399] as const } : cell));
      assert.deepEqual(chooseHeldOut({ ...dataset, annotations: moved }, { part, seed }), held);
      if (held === null) return;
      const { training, marks, seen, images: searched } = withHeldOut(dataset, held);
      const before = visibleCells(dataset);
      const after = new Set(visibleCells(training).map(({ id }) => id));
      assert.ok(marks.length >= 1 && marks.every(({ id, hidden }) => !hidden && !after.has(id)));
      assert.equal(marks.length + after.size, before.length);
      assert.ok(marks.every(({ imageId }) => searched.some(({ id }) => id === imageId)));
      assert.ok(seen.every(({ id }) => after.has(id)));
      const remaining = new Map(training.images.map((image) => [image.id, image]));
      for (const { imageId, box } of marks) {
        const image = remaining.get(imageId);
        assert.ok(!image || regionAt(image.regions, ...centre(box)) === "ignore");
      }
      for (const id of new Set(before.map(({ categoryId }) => categoryId)))
        assert.ok(visibleCells(training).some(({ categoryId }) => categoryId === id));
    }),
    { seed: 15, numRuns: 300 },
  );
});
