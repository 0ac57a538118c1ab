import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import { UserError } from "../errors.ts";
import type { Box } from "../geometry/box.ts";
import { rectangleRing, regionAt } from "../geometry/region.ts";
import { slidingWindows } from "../geometry/windows.ts";
import type { Annotation, Dataset } from "./dataset.ts";
import { imagePath, readDataset } from "./dataset-folder.ts";
import { readImage } from "./image-file.ts";
import { patchOf, writePatches } from "./patches.ts";

const dir = mkdtempSync(join(tmpdir(), "patches-"));
after(() => rmSync(dir, { recursive: true }));

const annotation = (box: Box, more: Partial<Annotation> = {}): Annotation => {
  return { id: 1, imageId: 1, categoryId: 1, box, hidden: false, ...more };
};
const options = { minVisible: 0.5, negatives: new Set([2]) };

const side = fc.integer({ min: 1, max: 200 });
const grids = fc.record({ width: side, height: side, size: fc.record({ width: side, height: side }) });

test("every box inside a window is in its patch, at its place; no patch has more boxes than its frame", () => {
  const frame = { width: 150, height: 90 };
  const boxes = fc.array(
    fc
      .tuple(fc.double({ min: 0, max: 0.99, noNaN: true }), fc.double({ min: 0, max: 0.99, noNaN: true }), side)
      .map(([x, y, s]): Annotation => {
        const [x1, y1] = [x * frame.width, y * frame.height];
        return annotation([x1, y1, Math.min(frame.width, x1 + s), Math.min(frame.height, y1 + s)]);
      }),
  );
  fc.assert(
    fc.property(boxes, fc.double({ min: 0.01, max: 1, noNaN: true }), grids, (boxes, minVisible, { size }) => {
      for (const window of slidingWindows(frame, { ...size, overlap: 0 })) {
        const patch = patchOf({ boxes }, window, { minVisible, negatives: new Set() });
        const inside = boxes.filter(
          ({ box }) =>
            box[0] >= window.x && box[1] >= window.y && box[2] <= window.x + window.width && box[3] <= window.y + window.height,
        );
        for (const { box } of inside)
          assert.ok(
            patch.boxes.some((own) =>
              own.box.every((value, i) => Math.abs(value + (i % 2 === 0 ? window.x : window.y) - box[i]) < 1e-9),
            ),
          );
        assert.ok(patch.boxes.length + patch.regions.length <= boxes.length);
        for (const { box } of patch.boxes)
          assert.ok(box[0] >= 0 && box[1] >= 0 && box[2] <= window.width && box[3] <= window.height && box[0] < box[2]);
      }
    }),
  );
});

test("a cut box is kept from half its area on; the rest of others is ignored; hidden cells and hard negatives leave nothing", () => {
  const window = { x: 100, y: 50, width: 64, height: 64 };
  const boxes = [
    annotation([90, 60, 110, 80]), // half inside
    annotation([89, 60, 109, 80]), // 9 of 20 columns inside
    annotation([89, 60, 109, 80], { hidden: true }),
    annotation([89, 60, 109, 80], { categoryId: 2 }),
    annotation([90, 100, 110, 120], { hidden: true }), // 10 × 14 of 20 × 20
    annotation([150, 60, 170, 80], { categoryId: 2 }),
    annotation([80, 60, 100, 80]), // touches the border only
  ];
  assert.deepEqual(patchOf({ boxes }, window, options), {
    window,
    boxes: [
      { box: [0, 10, 10, 30], categoryId: 1, hidden: false },
      { box: [50, 10, 64, 30], categoryId: 2, hidden: false },
    ],
    regions: [{ kind: "ignore", rings: [rectangleRing(0, 10, 9, 30)] }],
  });
  assert.equal(patchOf({ boxes }, window, { ...options, minVisible: 0.35 }).boxes.length, 6);
});

test("regions are carried over, those elsewhere are not", () => {
  const regions = [
    { kind: "complete", rings: [rectangleRing(0, 0, 120, 200)] },
    { kind: "ignore", rings: [rectangleRing(0, 0, 100, 200)] },
  ] as const;
  const patch = patchOf({ boxes: [], regions }, { x: 100, y: 50, width: 64, height: 64 }, options);
  assert.equal(patch.regions.length, 1);
  assert.equal(regionAt(patch.regions, 19.5, 0), "complete");
  assert.equal(regionAt(patch.regions, 20.5, 0), null);
});

test("a dataset of patches: pixels, names, groups, splits, mpp; ids are unique", async () => {
  const from = join(dir, "frames");
  const rgb = Uint8Array.from({ length: 100 * 70 * 3 }, (_, i) => (i * 31) % 251);
  const images = [
    { id: 7, fileName: "sub/a.png", width: 100, height: 70, group: "g1", split: "test", mpp: 0.25 },
    { id: 9, fileName: "sub/a.tif", width: 30, height: 20, group: "g2", split: "train" },
  ] as const;
  mkdirSync(join(from, "images", "sub"), { recursive: true });
  const raw = { width: 100, height: 70, channels: 3 } as const;
  await sharp(rgb, { raw }).png().toFile(imagePath(from, images[0]));
  await sharp(rgb, { raw })
    .extract({ left: 0, top: 0, width: 30, height: 20 })
    .tiff({ compression: "lzw" })
    .toFile(imagePath(from, images[1]));
  const annotations = [annotation([1, 1, 9, 9], { imageId: 9 }), annotation([62, 40, 72, 50], { id: 2, imageId: 7 })];
  const dataset: Dataset = { dir: from, images, annotations, categories: [{ id: 1, name: "cell" }] };
  const out = join(dir, "out");
  const progress: number[] = [];
  const size = { width: 64, height: 64, overlap: 4, minVisible: 0.5 };
  const patches = await writePatches(dataset, { ...size, out, onImage: (done, total) => progress.push(done, total) });
  assert.deepEqual(readDataset(out), patches);
  assert.deepEqual(progress, [1, 2, 2, 2]);
  assert.deepEqual(
    patches.images.map(({ fileName, width, height, group, split, mpp, regions }) => [
      fileName,
      width,
      height,
      group,
      split,
      mpp,
      regions?.length,
    ]),
    [
      ["sub/a.png-x0-y0.png", 64, 64, "g1", "test", 0.25, 1],
      ["sub/a.png-x36-y0.png", 64, 64, "g1", "test", 0.25, undefined],
      ["sub/a.png-x0-y6.png", 64, 64, "g1", "test", 0.25, 1],
      ["sub/a.png-x36-y6.png", 64, 64, "g1", "test", 0.25, undefined],
      ["sub/a.tif-x0-y0.png", 30, 20, "g2", "train", undefined, undefined],
    ],
  );
  assert.deepEqual(
    patches.annotations.map(({ id, imageId, box }) => [id, imageId, ...box]),
    [
      [1, 2, 26, 40, 36, 50],
      [2, 4, 26, 34, 36, 44],
      [3, 5, 1, 1, 9, 9],
    ],
  );
  const last = await readImage(imagePath(out, patches.images[3]));
  for (const [x, y] of [
    [0, 0],
    [63, 63],
    [10, 50],
  ])
    assert.deepEqual(
      last.data.slice((y * 64 + x) * 3, (y * 64 + x) * 3 + 3),
      rgb.slice(((y + 6) * 100 + x + 36) * 3, ((y + 6) * 100 + x + 36) * 3 + 3),
    );

  await assert.rejects(writePatches(dataset, { ...size, out }), UserError);
  const other = join(dir, "other");
  await assert.rejects(writePatches(dataset, { ...size, overlap: 64, out: other }), /is too large for patches of 64×64/);
  assert.ok(!readdirSync(dir).includes("other"));
});
