import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Annotation, Dataset, DatasetImage } from "./dataset.ts";
import { sparsify } from "./sparsify.ts";
import { foldOf, splitByGroup } from "./split.ts";

/** One entry per image: its group and its number of annotations. */
function dataset(images: readonly (readonly [group: number, annotations: number])[], hidden = false): Dataset {
  let id = 0;
  return {
    dir: "d",
    images: images.map(
      ([group], i): DatasetImage => ({ id: i, fileName: `${i}.png`, width: 9, height: 9, group: `g${group}`, split: "train" }),
    ),
    annotations: images.flatMap(([, n], i) =>
      Array.from({ length: n }, (): Annotation => ({ id: id++, imageId: i, categoryId: 1, box: [0, 0, 1, 1], hidden })),
    ),
    categories: [{ id: 1, name: "cell" }],
  };
}

function testImages(split: Dataset): number[] {
  return split.images.filter((image) => image.split === "test").map(({ id }) => id);
}

test("folds: every image is tested exactly once, groups stay together, no fold is empty, nothing else changes", () => {
  const images = fc.array(fc.tuple(fc.nat(7), fc.nat(5)), { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(images, fc.integer({ min: 2, max: 4 }), fc.nat(100), (list, folds, seed) => {
      fc.pre(new Set(list.map(([group]) => group)).size >= folds);
      const whole = dataset(list);
      const tested: number[] = [];
      for (let fold = 0; fold < folds; fold++) {
        const split = splitByGroup(whole, { folds, fold, seed });
        const test = testImages(split);
        assert.ok(test.length > 0 && test.length < whole.images.length);
        const groups = new Set(test.map((id) => whole.images[id].group));
        assert.ok(split.images.every(({ group, split }) => groups.has(group) === (split === "test")));
        tested.push(...test);
        assert.deepEqual({ ...split, images: split.images.map((image) => ({ ...image, split: "train" })) }, whole);
      }
      assert.deepEqual(
        tested.sort((a, b) => a - b),
        whole.images.map(({ id }) => id),
      );
    }),
  );
});

test("folds are balanced: no two differ by more annotations than the largest group has", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { minLength: 4, maxLength: 20 }), fc.nat(100), (counts, seed) => {
      const whole = dataset(counts.map((n, i) => [i, n]));
      const sums = [0, 1, 2].map((fold) =>
        testImages(splitByGroup(whole, { folds: 3, fold, seed })).reduce((sum, id) => sum + counts[id], 0),
      );
      assert.ok(Math.max(...sums) - Math.min(...sums) <= Math.max(...counts), `${sums}`);
    }),
  );
});

test("hard negatives do not count: folds are balanced by cells", () => {
  const whole = dataset([
    [0, 5],
    [1, 5],
    [2, 40],
    [3, 40],
  ]);
  const negatives = { ...whole, categories: [...whole.categories, { id: 2, name: "look-alike", negative: true as const }] };
  const annotations = whole.annotations.map((mark) => (mark.imageId >= 2 ? { ...mark, categoryId: 2 } : mark));
  for (let seed = 0; seed < 10; seed++) {
    const test = testImages(splitByGroup({ ...negatives, annotations }, { folds: 2, fold: 0, seed }));
    assert.equal(test.filter((id) => id < 2).length, 1, `${test}`);
  }
});

test("the seed, not the order of images, breaks ties between groups", () => {
  const equal = dataset(Array.from({ length: 12 }, (_, i) => [i, 3] as const));
  const choices = new Set([0, 1, 2, 3, 4].map((seed) => testImages(splitByGroup(equal, { folds: 3, fold: 0, seed })).join()));
  assert.ok(choices.size > 1);
  const turned = { ...equal, images: equal.images.toReversed() };
  const ids = testImages(splitByGroup(turned, { folds: 3, fold: 0, seed: 1 })).toReversed();
  assert.deepEqual(ids, testImages(splitByGroup(equal, { folds: 3, fold: 0, seed: 1 })));
});

test("datasets that cannot be split are refused", () => {
  const two = dataset([
    [0, 1],
    [1, 2],
    [1, 0],
  ]);
  const refuse = (whole: Dataset, folds: number, fold: number, message: string) =>
    assert.throws(() => splitByGroup(whole, { folds, fold, seed: 0 }), { name: "UserError", message });
  refuse(two, 3, 0, "d: has 2 groups, too few for 3 folds; use fewer folds");
  refuse(dataset([]), 2, 0, "d: has 0 groups, too few for 2 folds; use fewer folds");
  refuse(two, 1, 0, "the number of folds must be at least 2, got 1");
  refuse(two, 2, 2, "the fold must be from 0 to 1, got 2");
  refuse(
    dataset(
      [
        [0, 1],
        [1, 1],
      ],
      true,
    ),
    2,
    0,
    "d: is sparsified, but a test split needs every annotation; split the complete dataset, then sparsify",
  );
});

test("the halves of a fold are the split, without a common image; only the training half can be sparsified", () => {
  const whole = dataset([
    [0, 3],
    [1, 2],
    [0, 1],
    [2, 4],
  ]);
  const options = { folds: 3, fold: 1, seed: 0 };
  const { training, test } = foldOf(whole, options);
  assert.deepEqual(
    [...training.images, ...test.images].sort((a, b) => a.id - b.id),
    splitByGroup(whole, options).images,
  );
  assert.deepEqual(
    [...training.annotations, ...test.annotations].sort((a, b) => a.id - b.id),
    whole.annotations,
  );
  for (const half of [training, test]) {
    const ids = new Set(half.images.map(({ id }) => id));
    assert.ok(ids.size > 0 && half.annotations.every(({ imageId }) => ids.has(imageId)));
  }
  assert.ok(training.images.every(({ split }) => split === "train") && test.images.every(({ split }) => split === "test"));

  assert.ok(sparsify(training, { keep: 0.1, seed: 0 }).annotations.some(({ hidden }) => hidden));
  // @ts-expect-error The test half keeps every annotation.
  sparsify(test, { keep: 0.1, seed: 0 });
});
