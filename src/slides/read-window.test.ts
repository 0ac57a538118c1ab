import assert from "node:assert/strict";
import { test } from "node:test";
import { crop } from "../data/crop.ts";
import type { Window } from "../geometry/windows.ts";
import { readWindow } from "./read-window.ts";
import { picture } from "./slide.fixture.ts";
import type { StoredSlide } from "./slide.ts";

test("a window on the pixels of a level is read as it is, without pixels around it", async () => {
  const levels = [picture(200, 120), picture(100, 60)];
  const parts: (Window & { level: number })[] = [];
  const slide: StoredSlide = {
    path: "slide",
    reader: "flat",
    format: "",
    vendor: null,
    width: 200,
    height: 120,
    levels: levels.map(({ width, height }, i) => ({ width, height, downsample: i + 1 })),
    mpp: null,
    pixels: async (level, part) => {
      parts.push({ level, ...part });
      return crop(levels[level], part);
    },
    tileOf: () => ({ width: 64, height: 64 }),
    close() {},
  };
  const window = { x: 40, y: 20, width: 160, height: 100 };
  assert.deepEqual((await readWindow(slide, window, window)).image, crop(levels[0], window));
  const half = { x: 20, y: 10, width: 80, height: 50 };
  assert.deepEqual((await readWindow(slide, window, half)).image, crop(levels[1], half));
  await readWindow(slide, { ...window, x: 40.5, width: 100 }, { width: 100, height: 100 });
  assert.deepEqual(parts, [
    { level: 0, ...window },
    { level: 1, ...half },
    { level: 0, x: 39, y: 20, width: 103, height: 100 },
  ]);
});
