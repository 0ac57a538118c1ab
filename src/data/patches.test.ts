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
import type { Annotation, Dataset } from "./dataset.ts";
import { imagePath, readDataset } from "./dataset-folder.ts";
import { readImage } from "./image-file.ts";
import { patchOf, slidingWindows, writePatches } from "./patches.ts";

const dir = mkdtempSync(join(tmpdir(), "patches-"));
after(() => rmSync(dir, { recursive: true }));

const annotation = (box: Box, more: Partial<Annotation> = {}): Annotation => {
  return { id: 1, imageId: 1, categoryId: 1, box, hidden: false, ...more };
};
const options = { minVisible: 0.5, negatives: new Set([2]) };

test("windows of a frame", () => {
  const places = (width: number, height: number, size: Parameters<typeof slidingWindows>[1]) =>
    slidingWindows({ width, height }, size).map((window) => Object.values(window).join(" "));
  assert.deepEqual(places(100, 60, { width: 50, height: 60, overlap: 0 }), ["0 0 50 60", "50 0 50 60"]);
  assert.deepEqual(places(101, 60, { width: 50, height: 60, overlap: 0 }), ["0 0 50 60", "50 0 50 60", "51 0 50 60"]);
  assert.deepEqual(places(90, 50, { width: 50, height: 30, overlap: 10 }), [
    "0 0 50 30",
    "40 0 50 30",
    "0 20 50 30",
    "40 20 50 30",
  ]);
  assert.deepEqual(places(40, 30, { width: 50, height: 20, overlap: 0 }), ["0 0 40 20", "0 10 40 20"]);
  assert.deepEqual(places(40, 30, { width: 50, height: 60, overlap: 49 }), ["0 0 40 30"]);
});

const side = fc.integer({ min: 1, max: 200 });
const grids = fc.record({
  width: side,
  height: side,
  size: fc.record({ width: side, height: side }),
  part: fc.double({ min: 0, max: 0.99, noNaN: true }),
});

test("windows cover their frame, lie inside, differ, and share at least the overlap", () => {
  fc.assert(
    fc.property(grids, ({ width, height, size, part }) => {
      const overlap = Math.floor(part * Math.min(size.width, size.height));
      const windows = slidingWindows({ width, height }, { ...size, overlap });
      assert.equal(new Set(windows.map(({ x, y }) => `${x} ${y}`)).size, windows.length);
      for (const window of windows) {
        assert.ok(window.x >= 0 && window.y >= 0 && window.x + window.width <= width && window.y + window.height <= height);
        assert.deepEqual([window.width, window.height], [Math.min(size.width, width), Math.min(size.height, height)]);
      }
      for (const [at, length] of [
        ["x", "width"],
        ["y", "height"],
      ] as const) {
        const starts = [...new Set(windows.map((window) => window[at]))].sort((a, b) => a - b);
        assert.equal(starts[0], 0);
        assert.equal(starts[starts.length - 1] + windows[0][length], { width, height }[length]);
        for (let i = 1; i < starts.length; i++) assert.ok(starts[i] <= starts[i - 1] + windows[0][length] - overlap);
      }
    }),
  );
});

test("every box wholly inside a window is there, at its place; no patch has more than its frame", () => {
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

test("a cut box stays from half its area on; what is left of another is ignored; hidden cells and hard negatives leave nothing", () => {
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

test("regions come along, those that lie elsewhere do not", () => {
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
  await assert.rejects(writePatches(dataset, { ...size, overlap: 64, out: other }), /leaves no step for patches of 64×64/);
  assert.ok(!readdirSync(dir).includes("other"));
});
