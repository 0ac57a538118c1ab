import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import { UserError } from "../../errors.ts";
import type { Box } from "../../geometry/box.ts";
import { Random } from "../../random.ts";
import { imagePath, readDataset } from "../dataset-folder.ts";
import { randomStain, type Stain, type SyntheticKind } from "./stain.ts";
import { synthesizeDataset, synthesizePatch } from "./synthetic.ts";

const folder = mkdtempSync(join(tmpdir(), "synthetic-"));
after(() => rmSync(folder, { recursive: true }));

function patch(kind: SyntheticKind, seed: number, [width, height] = [256, 256], boxSize = 32) {
  const stain = randomStain(kind, new Random(seed, 1));
  return { width, height, stain, ...synthesizePatch({ kind, width, height, random: new Random(seed, 2), stain, boxSize }) };
}

/** Concentrations of both stains for every pixel: least squares on the optical densities. */
function unmix({ rgb, stain }: { rgb: Uint8Array; stain: Stain }): { hematoxylin: Float32Array; second: Float32Array } {
  const [a, b] = [stain.hematoxylin, stain.second];
  const between = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const [hematoxylin, second] = [new Float32Array(rgb.length / 3), new Float32Array(rgb.length / 3)];
  for (let pixel = 0; pixel < second.length; pixel++) {
    let [alongA, alongB] = [0, 0];
    for (let c = 0; c < 3; c++) {
      const density = -Math.log10((rgb[3 * pixel + c] + 1) / stain.light[c]);
      alongA += density * a[c];
      alongB += density * b[c];
    }
    hematoxylin[pixel] = (alongA - between * alongB) / (1 - between ** 2);
    second[pixel] = (alongB - between * alongA) / (1 - between ** 2);
  }
  return { hematoxylin, second };
}

const holds = (box: Box, x: number, y: number) => x >= box[0] && x < box[2] && y >= box[1] && y < box[3];

/** The mean of `values` over the pixels of a box. */
function meanIn(values: Float32Array, box: Box, width: number): number {
  let [sum, pixels] = [0, 0];
  for (let row = Math.ceil(box[1]); row < box[3]; row++) {
    for (let column = Math.ceil(box[0]); column < box[2]; column++, pixels++) sum += values[row * width + column];
  }
  return sum / pixels;
}

for (const kind of ["ki67", "mitosis"] as const) {
  test(`${kind}: the same seed gives the same bytes and boxes, another seed different ones`, () => {
    const first = patch(kind, 5, [131, 97]);
    const again = patch(kind, 5, [131, 97]);
    assert.deepEqual(again.rgb, first.rgb);
    assert.deepEqual(again.boxes, first.boxes);
    assert.notDeepEqual(patch(kind, 6, [131, 97]).rgb, first.rgb);
  });

  test(`${kind}: any size has a positive cell, and its boxes lie in the image`, () => {
    const size = fc.integer({ min: 16, max: 150 });
    const property = fc.property(size, size, fc.integer({ min: 8, max: 40 }), fc.nat(), (width, height, boxSize, seed) => {
      const { rgb, boxes } = patch(kind, seed, [width, height], boxSize);
      assert.equal(rgb.length, width * height * 3);
      assert.ok(boxes.length > 0);
      for (const [x1, y1, x2, y2] of boxes) {
        assert.ok(x1 >= 0 && y1 >= 0 && x2 <= width && y2 <= height);
        assert.ok(x1 < x2 && y1 < y2 && x2 - x1 <= boxSize + 1e-9 && y2 - y1 <= boxSize + 1e-9);
      }
    });
    fc.assert(property, { numRuns: 40 });
  });
}

test("ki67: nearly all brown is in boxes, and every box holds brown", () => {
  let [inside, all, counts] = [0, 0, 0];
  for (let seed = 1; seed <= 6; seed++) {
    const image = patch("ki67", seed);
    const { second } = unmix(image);
    counts += image.boxes.length;
    for (const box of image.boxes) assert.ok(meanIn(second, box, image.width) > 0.08, `seed ${seed}, box ${box}`);
    // Nuclei with their middle outside of the image reach up to 16 pixels into it and have no box.
    for (let row = 16; row < image.height - 16; row++) {
      for (let column = 16; column < image.width - 16; column++) {
        const brown = second[row * image.width + column];
        if (brown < 0.2) continue;
        all += brown;
        if (image.boxes.some((box) => holds(box, column, row))) inside += brown;
      }
    }
  }
  assert.ok(inside > 0.85 * all && inside < all, `${inside} of ${all}`);
  assert.ok(counts >= 6 * 8 && counts <= 6 * 22, `${counts} cells in six images`);
});

test("mitosis: one to four boxes, each with dark chromatin, and dark cells outside of them", () => {
  let darkOutside = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const image = patch("mitosis", seed);
    const { hematoxylin } = unmix(image);
    assert.ok(image.boxes.length >= 1 && image.boxes.length <= 4);
    const dark = new Float32Array(hematoxylin.map((value) => (value > 0.7 * image.stain.strength[0] ? 1 : 0)));
    for (const box of image.boxes) assert.ok(meanIn(dark, box, image.width) > 0.06, `seed ${seed}, box ${box}`);
    dark.forEach((value, pixel) => {
      const [column, row] = [pixel % image.width, Math.floor(pixel / image.width)];
      if (!image.boxes.some((box) => holds(box, column, row))) darkOutside += value;
    });
  }
  assert.ok(darkOutside > 500, `${darkOutside} dark pixels outside of the boxes`);
});

test("a dataset reads back, and image i does not depend on how many there are", async () => {
  const options = { kind: "ki67", width: 64, height: 48, seed: 3 } as const;
  const calls: [number, number][] = [];
  const five = await synthesizeDataset({
    ...options,
    images: 5,
    dir: join(folder, "five"),
    onImage: (...call) => calls.push(call),
  });
  const two = await synthesizeDataset({ ...options, images: 2, dir: join(folder, "two") });
  assert.deepEqual(
    calls,
    [1, 2, 3, 4, 5].map((done) => [done, 5]),
  );
  assert.deepEqual(two.images, five.images.slice(0, 2));
  for (const image of two.images) {
    assert.deepEqual(readFileSync(imagePath(two.dir, image)), readFileSync(imagePath(five.dir, image)));
    assert.deepEqual(
      two.annotations.filter(({ imageId }) => imageId === image.id),
      five.annotations.filter(({ imageId }) => imageId === image.id),
    );
  }
  assert.deepEqual(readDataset(five.dir), five);
  const { width, height, channels } = await sharp(imagePath(five.dir, five.images[4])).metadata();
  assert.deepEqual([width, height, channels], [64, 48, 3]);
});

test("slides share images and stay in one split, and a quarter of them are for testing", async () => {
  const options = { kind: "mitosis", width: 16, height: 16, seed: 9 } as const;
  const { images } = await synthesizeDataset({ ...options, images: 32, dir: join(folder, "slides") });
  const groups = [...new Set(images.map((image) => image.group))].map((group) => images.filter((image) => image.group === group));
  assert.deepEqual(
    groups.map((members) => members.length),
    Array(8).fill(4),
  );
  for (const members of groups) assert.equal(new Set(members.map((image) => image.split)).size, 1);
  assert.equal(images.filter((image) => image.split === "test").length, 8);
  for (const count of [1, 2, 3]) {
    const few = await synthesizeDataset({ ...options, images: count, dir: join(folder, `few-${count}`) });
    assert.deepEqual(
      few.images.map((image) => image.split),
      ["train", "test", "train"].slice(0, count),
    );
  }
});

test("invalid numbers and a used folder throw before anything is written", async () => {
  const options = { kind: "ki67", images: 1, width: 32, height: 32, seed: 0, dir: join(folder, "taken") } as const;
  for (const wrong of [
    { images: 0 },
    { width: 15 },
    { height: 99999 },
    { width: 32.5 },
    { seed: -1 },
    { seed: NaN },
    { boxSize: 2 },
  ]) {
    await assert.rejects(synthesizeDataset({ ...options, ...wrong }), UserError);
  }
  assert.ok(!readdirSync(folder).includes("taken"));
  await synthesizeDataset(options);
  await assert.rejects(synthesizeDataset(options), /already holds a dataset/);
});
