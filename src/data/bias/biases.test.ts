import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { area, centre } from "../../geometry/box.ts";
import { Random } from "../../random.ts";
import type { Annotation, Dataset } from "../dataset.ts";
import { sparsify, sparsifyWithBias } from "../sparsify.ts";
import { synthesizeDataset } from "../synthetic/synthetic.ts";
import { type Bias, biases, biasNames } from "./biases.ts";
import { darkness } from "./darkness.ts";

const root = mkdtempSync(join(tmpdir(), "biases-"));
after(() => rmSync(root, { recursive: true }));

/**
 * Eight drawn images, two of them for testing, with boxes of many sizes and two classes; every ninth annotation is a hard negative,
 * every tenth hidden.
 */
let dataset: Dataset;
before(async () => {
  const drawn = await synthesizeDataset({ kind: "ki67", images: 8, width: 160, height: 128, boxSize: 12, seed: 1, dir: root });
  const random = new Random(1);
  dataset = {
    ...drawn,
    categories: [
      { id: 1, name: "positive" },
      { id: 2, name: "negative" },
      { id: 3, name: "debris", negative: true },
    ],
    annotations: drawn.annotations.map(({ box: [x1, y1, x2, y2], ...annotation }, i) => ({
      ...annotation,
      box: [x1, y1, x1 + (x2 - x1) * random.uniform(0.5, 1), y1 + (y2 - y1) * random.uniform(0.5, 1)],
      categoryId: i % 9 === 0 ? 3 : 1 + random.integer(2),
      hidden: i % 10 === 0,
    })),
  };
});

const isTraining = ({ imageId }: Annotation): boolean =>
  dataset.images.some(({ id, split }) => id === imageId && split === "train");
const isCandidate = (cell: Annotation): boolean => isTraining(cell) && cell.categoryId !== 3;
const visible = ({ annotations }: Dataset): Annotation[] =>
  annotations.filter((annotation) => isCandidate(annotation) && !annotation.hidden);

async function marked(bias: Bias, keep: number, seed: number): Promise<{ marked: Annotation[]; left: Annotation[] }> {
  const ids = new Set(visible(await sparsifyWithBias(dataset, { keep, seed, bias })).map(({ id }) => id));
  const all = visible(dataset);
  return { marked: all.filter(({ id }) => ids.has(id)), left: all.filter(({ id }) => !ids.has(id)) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const seeds = [1, 2, 3, 4, 5];

for (const bias of biasNames)
  test(`${bias}: a rate keeps round(r n) of the visible cells, a lower rate a part of them, and nothing else changes`, async () => {
    const rates = fc.double({ min: 0.001, max: 1, noNaN: true });
    const property = fc.asyncProperty(rates, rates, fc.nat(1000), async (a, b, seed) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const [sparse, less] = [
        await sparsifyWithBias(dataset, { keep: high, seed, bias }),
        await sparsifyWithBias(dataset, { keep: low, seed, bias }),
      ];
      assert.equal(visible(less).length, Math.max(1, Math.round(low * visible(dataset).length)));
      const kept = new Set(visible(sparse).map(({ id }) => id));
      assert.ok(visible(less).every(({ id }) => kept.has(id)));
      assert.deepEqual(sparse, await sparsifyWithBias(dataset, { keep: high, seed, bias }));
      for (const [i, annotation] of sparse.annotations.entries()) {
        const before = dataset.annotations[i];
        assert.deepEqual({ ...annotation, hidden: before.hidden }, before);
        if (!isCandidate(before) || before.hidden) assert.equal(annotation.hidden, before.hidden);
      }
    });
    await fc.assert(property, { numRuns: bias === "dark" ? 5 : 30 });
  });

test("another seed is another choice, all annotations are all, and without a bias it is the plain choice", async () => {
  for (const bias of biasNames) {
    const [a, b] = [await marked(bias, 0.2, 1), await marked(bias, 0.2, 2)];
    assert.notDeepEqual(a, b, bias);
    assert.deepEqual(await sparsifyWithBias(dataset, { keep: 1, seed: 1, bias }), dataset);
  }
  assert.deepEqual(await sparsifyWithBias(dataset, { keep: 0.3, seed: 4 }), sparsify(dataset, { keep: 0.3, seed: 4 }));
  const none: Dataset = { ...dataset, annotations: [] };
  for (const bias of biasNames.filter((name) => name !== "uneven-classes"))
    assert.deepEqual(await sparsifyWithBias(none, { keep: 0.5, seed: 1, bias }), none);
});

test("size: marked cells are larger, some small ones are marked too", async () => {
  for (const seed of seeds) {
    const { marked: large, left } = await marked("size", 0.2, seed);
    const sizes = (cells: readonly Annotation[]) => cells.map(({ box }) => area(box));
    assert.ok(mean(sizes(large)) > 1.15 * mean(sizes(left)));
    assert.ok(Math.min(...sizes(large)) < Math.max(...sizes(left)));
  }
});

test("dark: marked cells are darker, compared with their images", async () => {
  const values = await darkness(dataset, dataset.annotations.filter(isTraining));
  const byId = new Map(dataset.annotations.filter(isTraining).map(({ id }, i) => [id, values[i]]));
  for (const seed of seeds) {
    const { marked: dark, left } = await marked("dark", 0.2, seed);
    const of = (cells: readonly Annotation[]) => cells.map(({ id }) => byId.get(id) as number);
    assert.ok(mean(of(dark)) > mean(of(left)) + 5);
    assert.ok(Math.min(...of(dark)) < Math.max(...of(left)));
  }
});

test("corner: on each image the marked cells are nearer to one corner than all others", async () => {
  const corners = new Set<string>();
  for (const seed of seeds) {
    const { marked: near, left } = await marked("corner", 0.3, seed);
    for (const { id, width, height } of dataset.images) {
      const from = (cells: readonly Annotation[], x: number, y: number) =>
        cells
          .filter(({ imageId }) => imageId === id)
          .map(({ box: b }) => Math.hypot(centre(b)[0] / width - x, centre(b)[1] / height - y));
      const fits = ["0 0", "0 1", "1 0", "1 1"].filter((corner) => {
        const [x, y] = corner.split(" ").map(Number);
        return Math.max(0, ...from(near, x, y)) <= Math.min(...from(left, x, y));
      });
      assert.ok(fits.length > 0);
      if (fits.length === 1) corners.add(fits[0]);
    }
  }
  assert.equal(corners.size, 4);
});

test("uneven-images: some images are nearly complete, others nearly empty", async () => {
  for (const seed of seeds) {
    const { marked: cells, left } = await marked("uneven-images", 0.4, seed);
    const count = (list: readonly Annotation[], image: number) => list.filter(({ imageId }) => imageId === image).length;
    const shares = [...new Set([...cells, ...left].map(({ imageId }) => imageId))]
      .map((image) => count(cells, image) / (count(cells, image) + count(left, image)))
      .sort((a, b) => a - b);
    assert.equal(shares.length, 6);
    assert.ok(shares[1] < 0.25 && shares[4] > 0.75, `${shares}`);
  }
});

test("uneven-classes: the odds of the first class are four times those of the second at any rate", async () => {
  const cell = (id: number): Annotation => ({ id, imageId: 1, categoryId: 1 + (id % 2), box: [0, 0, 1, 1], hidden: false });
  const [image] = dataset.images;
  const many: Dataset = {
    ...dataset,
    images: [{ ...image, id: 1, split: "train" }],
    annotations: Array.from({ length: 20_000 }, (_, id) => cell(id)),
  };
  for (const keep of [0.1, 0.5, 0.9]) {
    const { annotations } = await sparsifyWithBias(many, { keep, seed: 3, bias: "uneven-classes" });
    const [first, second] = [1, 2].map((category) => {
      const of = annotations.filter(({ categoryId }) => categoryId === category);
      const share = of.filter(({ hidden }) => !hidden).length / of.length;
      return share / (1 - share);
    });
    assert.ok(Math.abs(first / second - 4) < 0.6, `${first / second}`);
  }
});

test("clusters: the nearest neighbour of most marked cells is marked", async () => {
  const share = (cells: readonly Annotation[]): number => {
    const ids = new Set(cells.map(({ id }) => id));
    const together = cells.filter((cell) => {
      const [x, y] = centre(cell.box);
      const others = visible(dataset).filter(({ id, imageId }) => imageId === cell.imageId && id !== cell.id);
      const distance = ({ box }: Annotation) => Math.hypot(centre(box)[0] - x, centre(box)[1] - y);
      return ids.has(others.reduce((best, other) => (distance(other) < distance(best) ? other : best)).id);
    });
    return together.length / cells.length;
  };
  for (const seed of seeds) {
    const random = share(visible(sparsify(dataset, { keep: 0.25, seed })));
    const clustered = share((await marked("clusters", 0.25, seed)).marked);
    assert.ok(clustered > random + 0.25 && clustered > 0.6, `${clustered} ${random}`);
  }
});

test("clusters: cells at one place are each marked once", async () => {
  const cell = (id: number): Annotation => ({
    id,
    imageId: dataset.images[0].id,
    categoryId: 1,
    box: [9, 9, 20, 20],
    hidden: false,
  });
  const annotations = Array.from({ length: 30 }, (_, id) => cell(id));
  const sparse = await sparsifyWithBias({ ...dataset, annotations }, { keep: 1, seed: 0, bias: "clusters" });
  assert.deepEqual(sparse.annotations, annotations);
});

test("what a bias cannot do is said", async () => {
  const same: Dataset = {
    ...dataset,
    annotations: dataset.annotations.map((annotation, i) => ({
      ...annotation,
      categoryId: 1,
      box: i % 3 === 0 ? [0, 20, 12, 50] : [40 + i / 7, 20, 70 + i / 7, 50], // cut by the border, or not
    })),
  };
  const refused = (part: Dataset, bias: Bias, keep: number | "one-per-image" = 0.5) =>
    sparsifyWithBias(part, { keep, seed: 0, bias }).then(
      () => "",
      (error) => `${error.name}: ${error.message.replace(root, "DIR")}`,
    );
  assert.equal(
    await refused(same, "size"),
    "UserError: DIR: all boxes have the same size, so no cell is larger than another; choose another bias, such as dark",
  );
  assert.equal(
    await refused(same, "uneven-classes"),
    "UserError: DIR: the training images have marks of fewer than two classes; choose another bias than uneven-classes",
  );
  const oneImage = same.annotations.filter(({ imageId }, i) => imageId === dataset.images[0].id && i % 3 === 0);
  assert.equal(
    await refused({ ...same, annotations: oneImage.map((cell) => ({ ...cell, hidden: false })) }, "dark"),
    "UserError: DIR: all cells are equally dark; choose another bias than dark",
  );
  assert.equal(
    await refused(dataset, "corner", "one-per-image"),
    "UserError: a bias needs a retention rate in (0, 1], got one-per-image; leave out one of them",
  );
  await assert.rejects(sparsifyWithBias(dataset, { keep: 0, seed: 0, bias: "size" }), RangeError);
  assert.match(
    await refused(dataset, "big" as Bias),
    /^UserError: unknown bias "big"; expected one of size, dark, corner, uneven-images, uneven-classes, clusters$/,
  );
});

test("each kind is described in one short line", () => {
  for (const { about } of biases) assert.ok(about.length < 130 && !about.includes("\n"));
});
