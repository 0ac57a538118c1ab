// The pixels of a slide with a coloured square for each cell, so that a window's pixels say which cell is where.

import assert from "node:assert/strict";
import { imagePath, readDataset } from "../data/dataset-folder.ts";
import { type RgbImage, readImage } from "../data/image-file.ts";
import { centre } from "../geometry/box.ts";
import { regionAt } from "../geometry/region.ts";
import { Random } from "../random.ts";
import { white } from "../slides/pixels.ts";

export const [WIDTH, HEIGHT, SIDE] = [2100, 1500, 12];
export const APERIO = "Aperio |MPP = 0.5"; // blocks of 256 pixels, margins of 32

export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly colour: readonly [number, number, number];
}

/** Two clusters of squares that do not touch, each wider than a window. */
export const cells = clusters(3);

function clusters(seed: number): Cell[] {
  const random = new Random(seed);
  const places = [0, 1].flatMap((cluster) =>
    Array.from({ length: 120 }, (_, i) => ({
      x: 40 + cluster * 900 + 90 * (i % 12) + random.integer(20),
      y: 60 + cluster * 900 + 40 * Math.floor(i / 12) + random.integer(20),
    })),
  );
  return places.map((place, i) => ({ ...place, colour: [i, 255 - i, (37 * i) % 256] as const }));
}

export function drawn(): RgbImage {
  const image = white({ width: WIDTH, height: HEIGHT });
  for (const { x, y, colour } of cells)
    for (let row = y; row < y + SIDE; row++)
      for (let column = x; column < x + SIDE; column++) image.data.set(colour, 3 * (row * WIDTH + column));
  return image;
}

/** Checks that every cell is in one window, where its colour is; `x`, `y`: pixels of the slide per pixel of a window. */
export async function requireCells(out: string, [x, y]: readonly [number, number]): Promise<void> {
  const { images, annotations } = readDataset(out);
  const seen = new Map<string, number>();
  for (const image of images) {
    const { width, height, data } = await readImage(imagePath(out, image));
    assert.deepEqual([width, height], [image.width, image.height]);
    const [x0, y0] = (/-x(\d+)-y(\d+)\.png$/.exec(image.fileName) ?? []).slice(1).map(Number);
    for (const { box } of annotations.filter(({ imageId }) => imageId === image.id)) {
      const [column, row] = centre(box);
      const at = 3 * (Math.floor(row) * width + Math.floor(column));
      const cell = cells.find(({ colour }) => colour.every((value, i) => Math.abs(value - data[at + i]) <= 1));
      assert.ok(cell, `${image.fileName} ${column} ${row}: ${data.subarray(at, at + 3)}`);
      const before = [cell.x, cell.y, cell.x + SIDE, cell.y + SIDE];
      const after = box.map((value, i) => (i % 2 === 0 ? value * x + x0 : value * y + y0));
      assert.ok(
        after.every((value, i) => Math.abs(value - before[i]) <= 0.5 * (i % 2 === 0 ? x : y)),
        `${after} for ${before}`,
      );
      assert.notEqual(regionAt(image.regions, column, row), "ignore");
      seen.set(cell.colour.join(), (seen.get(cell.colour.join()) ?? 0) + 1);
    }
  }
  assert.equal(seen.size, cells.length);
  assert.ok([...seen.values()].every((count) => count === 1));
}
