import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Box } from "../geometry/box.ts";
import type { Annotation, Dataset } from "./dataset.ts";
import { datasetInfo, datasetInfoText } from "./dataset-info.ts";

const annotation = (id: number, imageId: number, box: Box, hidden = false, categoryId = 1): Annotation => ({
  id,
  imageId,
  categoryId,
  box,
  hidden,
});
const dataset: Dataset = {
  dir: "d",
  images: [
    { id: 1, fileName: "a.png", width: 100, height: 80, group: "p", split: "train" },
    { id: 2, fileName: "b.png", width: 100, height: 80, group: "p", split: "train" },
    { id: 3, fileName: "c.png", width: 50, height: 50, group: "q", split: "test" },
  ],
  annotations: [
    annotation(1, 1, [0, 0, 10, 20]),
    annotation(2, 1, [3, 4, 13, 24], true),
    annotation(3, 1, [30, 0, 50, 20]),
    annotation(4, 3, [0, 0, 30, 20], false, 2),
  ],
  categories: [
    { id: 1, name: "positive" },
    { id: 2, name: "negative" },
  ],
};

test("counts, sizes and distances of a small dataset", () => {
  const info = datasetInfo(dataset);
  assert.deepEqual([info.images, info.groups], [3, 2]);
  const perImage = { min: 0, p10: 0.2, median: 1, p90: 1.8, max: 2 };
  assert.deepEqual(info.splits.train, {
    images: 2,
    groups: 1,
    visible: 2,
    hidden: 1,
    hardNegatives: 0,
    imagesWithoutVisible: 1,
    visiblePerImage: perImage,
  });
  assert.deepEqual([info.splits.test.images, info.splits.test.visible, info.splits.test.hidden], [1, 1, 0]);
  assert.deepEqual(info.categories, [
    { id: 1, name: "positive", annotations: 3, hidden: 1, negative: false },
    { id: 2, name: "negative", annotations: 1, hidden: 0, negative: false },
  ]);
  assert.deepEqual(info.imageSizes, [
    { width: 100, height: 80, images: 2 },
    { width: 50, height: 50, images: 1 },
  ]);
  assert.deepEqual(info.boxWidth, { min: 10, p10: 10, median: 15, p90: 27, max: 30 });
  assert.equal(info.boxHeight?.median, 20);
  assert.deepEqual([info.nearestNeighbour?.min, info.nearestNeighbour?.median], [5, 5]); // 3, 4, 5; the lone box has no neighbour
  assert.equal(
    datasetInfoText(info),
    [
      "images      3 in 2 groups",
      "train       2 images in 1 group, 2 annotations visible and 1 hidden (66.7 % visible); per image 0 to 2, median 1, 1 image without any",
      "test        1 image in 1 group, 1 annotation; per image 1 to 1, median 1",
      "categories  positive 3 (1 hidden), negative 1",
      "image size  100×80 (2), 50×50 (1)",
      "box width   10 to 30, median 15",
      "box height  20 to 20, median 20",
      "neighbour   5 to 32.2, median 5 (distance to the nearest other cell)",
      "",
    ].join("\n"),
  );
});

test("hard negatives are counted separately, and regions by kind", () => {
  const rings = [[0, 0, 9, 0, 9, 9]];
  const info = datasetInfo({
    ...dataset,
    images: dataset.images.map((image) => {
      return image.id === 2
        ? image
        : {
            ...image,
            regions: [
              { kind: "ignore", rings },
              { kind: image.id === 1 ? "complete" : "ignore", rings },
            ],
          };
    }),
    categories: [
      { id: 1, name: "mitosis" },
      { id: 2, name: "look-alike", negative: true },
    ],
  });
  const { train, test } = info.splits;
  assert.deepEqual(
    [train.visible, train.hardNegatives, test.visible, test.hardNegatives, test.imagesWithoutVisible],
    [2, 0, 0, 1, 1],
  );
  assert.deepEqual(info.categories[1], { id: 2, name: "look-alike", annotations: 1, hidden: 0, negative: true });
  assert.deepEqual([info.regions, info.boxWidth?.max], [{ complete: 1, ignore: 3 }, 20]);
  const text = datasetInfoText(info);
  assert.match(
    text,
    /\ntest {8}1 image in 1 group, 0 annotations, 1 hard negative; per image 0 to 0, median 0, 1 image without any\n/,
  );
  assert.match(
    text,
    /\ncategories {2}mitosis 3 \(1 hidden\), look-alike 1 \(hard negatives\)\nregions {5}1 complete, 3 ignored\n/,
  );
});

test("an empty dataset", () => {
  const info = datasetInfo({ dir: "d", images: [], annotations: [], categories: [] });
  assert.deepEqual([info.boxWidth, info.nearestNeighbour, info.splits.train.visiblePerImage], [null, null, null]);
  assert.match(datasetInfoText(info), /^images {6}0 in 0 groups\ntrain {7}no images\n.*\ncategories {2}none\n/);
});

test("names cannot control the terminal", () => {
  const info = datasetInfo({ ...dataset, categories: [{ id: 1, name: "\u001b[2J\n" }, dataset.categories[1]] });
  assert.match(datasetInfoText(info), /\ncategories {2}\\u001b\[2J\\u000a 3 \(1 hidden\), negative 1\n/);
});

test("nearest neighbours equal a search over all pairs", () => {
  const points = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { minLength: 2, maxLength: 30 });
  fc.assert(
    fc.property(points, (centres) => {
      const annotations = centres.map(([x, y], i) => annotation(i, 3, [x - 1, y - 1, x + 1, y + 1]));
      const nearest = centres.map(([x, y], i) =>
        Math.min(...centres.filter((_, j) => j !== i).map(([u, v]) => Math.hypot(x - u, y - v))),
      );
      const { min, max } = datasetInfo({ ...dataset, annotations }).nearestNeighbour ?? assert.fail();
      assert.deepEqual([min, max], [Math.min(...nearest), Math.max(...nearest)]);
    }),
  );
});
