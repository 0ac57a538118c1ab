import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Annotation, Dataset } from "./dataset.ts";
import { sparsify } from "./sparsify.ts";

/** Datasets of up to 8 images with up to 12 annotations each, some of them hidden already. */
const datasets = fc
  .array(fc.record({ test: fc.boolean(), marks: fc.array(fc.boolean(), { maxLength: 12 }) }), { maxLength: 8 })
  .map((images): Dataset => {
    let id = 0;
    return {
      dir: "d",
      images: images.map(({ test }, i) => ({
        id: i,
        fileName: `${i}.png`,
        width: 9,
        height: 9,
        group: `${i}`,
        split: test ? "test" : "train",
      })),
      annotations: images.flatMap(({ marks }, i) =>
        marks.map((hidden): Annotation => ({ id: id++, imageId: i, categoryId: 1, box: [1, 1, 5, 5], hidden })),
      ),
      categories: [{ id: 1, name: "cell" }],
    };
  });
const seeds = fc.nat(1000);

function visible({ images, annotations }: Dataset): Annotation[] {
  const train = new Set(images.filter(({ split }) => split === "train").map(({ id }) => id));
  return annotations.filter(({ imageId, hidden }) => train.has(imageId) && !hidden);
}

test("a rate keeps round(r n) training annotations, at least one, and a lower rate keeps a subset of them", () => {
  const rates = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(datasets, rates, rates, seeds, (dataset, a, b, seed) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((keep) => visible(sparsify(dataset, { keep, seed })));
      const n = visible(dataset).length;
      assert.equal(low.length, n === 0 ? 0 : Math.max(1, Math.round(Math.min(a, b) * n)));
      const kept = new Set(high.map(({ id }) => id));
      assert.ok(low.every(({ id }) => kept.has(id)));
    }),
  );
});

test("one-per-image keeps exactly one in each image that has any", () => {
  fc.assert(
    fc.property(datasets, seeds, (dataset, seed) => {
      const images = visible(sparsify(dataset, { keep: "one-per-image", seed })).map(({ imageId }) => imageId);
      assert.deepEqual(
        images.toSorted((a, b) => a - b),
        [...new Set(visible(dataset).map(({ imageId }) => imageId))],
      );
    }),
  );
});

test("only `hidden` of training annotations changes, and never back to false", () => {
  const keeps = fc.constantFrom(0.1, 0.5, 1, "one-per-image" as const);
  fc.assert(
    fc.property(datasets, keeps, seeds, (dataset, keep, seed) => {
      const sparse = sparsify(dataset, { keep, seed });
      assert.deepEqual(sparse, sparsify(dataset, { keep, seed }));
      assert.deepEqual({ ...sparse, annotations: null }, { ...dataset, annotations: null });
      for (const [i, annotation] of sparse.annotations.entries()) {
        const before = dataset.annotations[i];
        assert.deepEqual({ ...annotation, hidden: before.hidden }, before);
        assert.ok(annotation.hidden || !before.hidden);
        if (dataset.images[before.imageId].split === "test") assert.equal(annotation.hidden, before.hidden);
      }
      if (keep === 1) assert.deepEqual(sparse, dataset);
    }),
  );
});

test("every annotation is kept equally often", () => {
  const annotations = Array.from(
    { length: 10 },
    (_, id): Annotation => ({ id, imageId: 0, categoryId: 1, box: [0, 0, 1, 1], hidden: false }),
  );
  const dataset: Dataset = {
    dir: "d",
    images: [{ id: 0, fileName: "0.png", width: 9, height: 9, group: "0", split: "train" }],
    annotations,
    categories: [],
  };
  const times = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 2000; seed++) for (const { id } of visible(sparsify(dataset, { keep: 0.3, seed }))) times[id]++;
  for (const count of times) assert.ok(Math.abs(count - 600) < 100, `${times}`); // 5 standard deviations
});

test("a rate outside (0, 1] is refused", () => {
  for (const keep of [0, -1, 1.1, Number.NaN])
    assert.throws(() => sparsify({ dir: "d", images: [], annotations: [], categories: [] }, { keep, seed: 0 }), RangeError);
});

test("hard negatives are never hidden, and do not count", () => {
  const annotations = Array.from(
    { length: 20 },
    (_, id): Annotation => ({ id, imageId: 0, categoryId: 1 + (id % 2), box: [0, 0, 1, 1], hidden: false }),
  );
  const dataset: Dataset = {
    dir: "d",
    images: [{ id: 0, fileName: "0.png", width: 9, height: 9, group: "0", split: "train" }],
    annotations,
    categories: [
      { id: 1, name: "mitosis" },
      { id: 2, name: "not mitosis", negative: true },
    ],
  };
  for (const [keep, expected] of [
    [0.3, 3],
    ["one-per-image", 1],
  ] as const) {
    const kept = visible(sparsify(dataset, { keep, seed: 4 }));
    assert.equal(kept.filter(({ categoryId }) => categoryId === 1).length, expected);
    assert.equal(kept.filter(({ categoryId }) => categoryId === 2).length, 10);
  }
});

test("hard negatives are neither hidden nor kept in place of a cell", () => {
  const annotation = (id: number, categoryId: number): Annotation => ({
    id,
    imageId: 0,
    categoryId,
    box: [1, 1, 5, 5],
    hidden: false,
  });
  const dataset: Dataset = {
    dir: "d",
    images: [{ id: 0, fileName: "0.png", width: 9, height: 9, group: "g", split: "train" }],
    annotations: [annotation(1, 2), annotation(2, 1), annotation(3, 2), annotation(4, 1)],
    categories: [
      { id: 1, name: "mitosis" },
      { id: 2, name: "not mitosis", negative: true },
    ],
  };
  for (const keep of ["one-per-image", 0.5] as const)
    for (let seed = 0; seed < 5; seed++) {
      const { annotations } = sparsify(dataset, { keep, seed });
      const shown = annotations.filter(({ hidden }) => !hidden).map(({ categoryId }) => categoryId);
      assert.deepEqual(shown.sort(), [1, 2, 2]);
    }
});
