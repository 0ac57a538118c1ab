import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { JSDOM } from "jsdom";
import sharp from "sharp";
import type { Dataset } from "../data/dataset.ts";
import { imagePath } from "../data/dataset-folder.ts";
import { UserError } from "../errors.ts";
import { rectangleRing } from "../geometry/region.ts";
import { type DatasetPageOptions, writeDatasetPage } from "./dataset.ts";
import { thumbnail } from "./pictures.ts";

const root = mkdtempSync(join(tmpdir(), "dataset-page-"));
after(() => rmSync(root, { recursive: true }));

const size = { width: 80, height: 60 };
const dataset: Dataset = {
  dir: join(root, "cells & more"),
  images: [
    {
      id: 1,
      fileName: "a/<1>.png",
      ...size,
      group: "s<1>",
      split: "train",
      mpp: 0.25,
      regions: [
        { kind: "complete", rings: [rectangleRing(0, 0, 40, 60), rectangleRing(5, 5, 10, 10)] },
        { kind: "ignore", rings: [rectangleRing(60, 0, 80, 60)] },
      ],
    },
    { id: 2, fileName: "b.png", ...size, group: "s<1>", split: "train", mpp: 0.25 },
    { id: 3, fileName: "c.png", ...size, group: "s2", split: "test", mpp: 0.25 },
  ],
  annotations: [
    { id: 1, imageId: 1, categoryId: 1, box: [0, 0, 10, 10], hidden: false },
    { id: 2, imageId: 1, categoryId: 1, box: [20, 0, 30, 10.55], hidden: true },
    { id: 3, imageId: 1, categoryId: 2, box: [40, 10, 50, 20], hidden: false },
    { id: 4, imageId: 1, categoryId: 3, box: [60, 10, 70, 20], hidden: false },
    { id: 5, imageId: 3, categoryId: 1, box: [0, 0, 10, 10], hidden: false },
  ],
  categories: [
    { id: 1, name: "mitosis" },
    { id: 2, name: "other <cell>" },
    { id: 3, name: "not mitosis", negative: true },
  ],
};

before(async () => {
  for (const image of dataset.images) {
    const file = imagePath(dataset.dir, image);
    mkdirSync(dirname(file), { recursive: true });
    await sharp({ create: { ...size, channels: 3, background: "#cc99cc" } }).toFile(file);
  }
});

async function open(data: Dataset, options: DatasetPageOptions) {
  const file = join(root, "out", "opened.html");
  const shown = await writeDatasetPage(data, file, options);
  const text = readFileSync(file, "utf8");
  rmSync(file);
  const { document } = new JSDOM(text).window;
  const texts = (selector: string, at: ParentNode = document) =>
    [...at.querySelectorAll(selector)].map((element) => element.textContent.replace(/\s+/g, " ").trim());
  return { text, shown, document, texts };
}

test("the page says what is in the dataset", async () => {
  const { document, texts, shown, text } = await open(dataset, { images: 10 });
  assert.equal(shown, 3);
  assert.deepEqual(texts("h1"), ["cells & more"]);
  assert.deepEqual(texts(".answer"), [
    "3 images of 2 groups with 4 annotated cells (“mitosis”, “other <cell>”), and 1 hard negative. Training sees 66.7 % of its cells: 1 of 3 are hidden.",
  ]);
  const [splits, groups] = document.querySelectorAll("table");
  assert.deepEqual(texts("thead th", splits), [
    "split",
    "images",
    "groups",
    "cells",
    "visible",
    "hidden",
    "hard negatives",
    "visible per image",
    "images without any",
  ]);
  assert.deepEqual(texts("tbody tr", splits), ["train2132111 (0 to 2)1", "test1111001 (1 to 1)0"]);
  assert.deepEqual(texts("tbody tr", groups), ["s<1>train23211", "s2test11100"]);
  assert.deepEqual(texts(".panels h3"), [
    "Cells per image n = 3 images",
    "Size of a box n = 3 and 4 cells",
    "Distance to the nearest cell n = 2 and 3 cells",
  ]);
  assert.deepEqual(texts("dd"), [
    "mitosis: 3, other <cell>: 1, not mitosis: 1 (hard negatives)",
    "80 × 60 (3) pixels",
    "0.25 µm",
    "10 × 10 pixels",
    "1 where every cell is annotated, 1 not judged",
  ]);
  assert.ok(!/<script|https?:|url\((?!#)/i.test(text.replace(/xmlns(:\w+)?="[^"]*"/g, "")), "nothing from elsewhere");
});

test("every annotation is drawn in its layer, regions with their holes", async () => {
  const { document, texts } = await open(dataset, { images: 10 });
  const [first, second] = document.querySelectorAll(".picture");
  const drawn = (layer: string) =>
    [...first.querySelectorAll(`svg[role=img] g.${layer} path:not(.halo)`)].map((path) => path.getAttribute("d"));
  assert.deepEqual(drawn("visible"), ["M0 0H10V10H0Z", "M40 10H50V20H40Z"]);
  assert.deepEqual(drawn("hidden"), ["M20 0H30V10.6H20Z"]);
  assert.deepEqual(drawn("negative"), ["M60 10H70V20H60ZM60 20L70 10"]);
  assert.deepEqual(drawn("complete"), ["M0 0L40 0L40 60L0 60ZM5 5L10 5L10 10L5 10Z"]);
  assert.equal(drawn("ignore").length, 1);
  assert.deepEqual(texts("g.visible title", first), ["mitosis, visible", "other <cell>, visible"]);
  assert.deepEqual(texts("figcaption", first), ["a/<1>.pngtrains<1> 2 1 1"]);
  assert.equal(second.querySelectorAll("g, pattern").length, 0, "an image without anything");
  assert.deepEqual(
    [...document.querySelectorAll(".switches input")].map(({ id }) => id),
    ["show-visible", "show-hidden", "show-negative", "show-ignore", "show-complete"],
  );
  for (const path of first.querySelectorAll("[fill^=url]")) {
    const id = /#([\w-]+)/.exec(path.getAttribute("fill") ?? "")?.[1];
    assert.ok(id && document.getElementById(id), "its hatching is there");
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test("histograms count every value once", async () => {
  const annotations = Array.from({ length: 40 }, (_, i) => {
    const [x, y] = [10 * (i % 8), 10 * Math.floor(i / 8)];
    return { id: i + 1, imageId: 2, categoryId: 1, box: [x, y, x + 4 + (i % 2), y + 4 + (i % 2)] as const, hidden: i % 4 !== 0 };
  });
  const { document } = await open({ ...dataset, annotations }, { images: 0 });
  const [perImage, sizes] = document.querySelectorAll(".panels svg");
  const heights = (svg: Element) => [...svg.querySelectorAll("rect")].map((rect) => Number(rect.getAttribute("height")));
  const drawn = heights(perImage).filter((height) => height > 0);
  assert.equal(drawn.length, 2); // two images with none, one with ten visible
  assert.ok(Math.abs(drawn[0] - 2 * drawn[1]) < 1e-6);
  const [fours, fives, ...more] = heights(sizes);
  assert.deepEqual([more.length, fives], [0, 0]);
  assert.ok(fours > 0);
  assert.equal(document.querySelectorAll(".panels svg .all, .panels svg path.all").length, 3);
});

test("a split alone; fewer images, evenly spread; nothing annotated", async () => {
  const test = await open(dataset, { images: 10, split: "test" });
  assert.deepEqual(test.texts("h1"), ["cells & more, test split"]);
  assert.deepEqual(test.texts(".answer"), ["1 image of 1 group with 1 annotated cell (“mitosis”, “other <cell>”)."]);
  assert.deepEqual(test.texts(".panels .none"), ["No image has two cells."]);
  assert.equal(test.document.querySelectorAll(".key").length, 0, "nothing hidden, no key for it");
  const few = await open(dataset, { images: 2 });
  assert.deepEqual(
    few.texts(".picture bdi").filter((_, i) => i % 2 === 0),
    ["a/<1>.png", "b.png"],
  );
  assert.match(few.texts(".patches .quiet")[0], /^2 of 3 images, evenly spread/);
  const bare = await open({ ...dataset, annotations: [] }, { images: 1 });
  assert.deepEqual(bare.texts(".none"), ["No cell is annotated."]);
  await assert.rejects(
    writeDatasetPage({ ...dataset, images: [] }, join(root, "none.html"), { images: 1, split: "test" }),
    /has no images of the test split/,
  );
});

test("is written whole or not at all", async () => {
  const file = join(root, "out", "page.html");
  const progress: number[] = [];
  assert.equal(await writeDatasetPage(dataset, file, { images: 1, onImage: (done, total) => progress.push(done, total) }), 1);
  assert.deepEqual(progress, [1, 1]);
  assert.match(readFileSync(file, "utf8"), /^<!doctype html>/);
  const missing = { ...dataset, images: [{ ...dataset.images[0], fileName: "gone.png" }] };
  await assert.rejects(writeDatasetPage(missing, join(root, "out", "other.html"), { images: 1 }), UserError);
  assert.deepEqual(readdirSync(join(root, "out")), ["page.html"]);
});

test("thumbnails fit and are never enlarged", async () => {
  for (const [width, height, ...expected] of [
    [100, 50, 40, 20],
    [30, 60, 20, 40],
    [10, 20, 10, 20],
  ]) {
    const jpeg = await thumbnail({ width, height, data: new Uint8Array(3 * width * height) }, 40);
    const metadata = await sharp(jpeg).metadata();
    assert.deepEqual([metadata.format, metadata.width, metadata.height], ["jpeg", ...expected]);
  }
});
