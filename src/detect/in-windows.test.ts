import assert from "node:assert/strict";
import { test } from "node:test";
import type { RgbImage } from "../data/image-file.ts";
import type { Detector } from "../detector/detector.ts";
import { slidingCores } from "../geometry/windows.ts";
import { detectInWindows } from "./in-windows.ts";

/** Black, with a white square of 5 pixels around each point. */
function pictureOf(width: number, height: number, points: readonly (readonly [number, number])[]): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (const [x, y] of points)
    for (let dy = -2; dy <= 2; dy++)
      for (let dx = -2; dx <= 2; dx++)
        if (x + dx >= 0 && y + dy >= 0 && x + dx < width && y + dy < height)
          data.fill(255, 3 * ((y + dy) * width + x + dx), 3 * ((y + dy) * width + x + dx) + 3);
  return { width, height, data };
}

/** Finds the bounds of every white square in an image, cut at its borders. */
const finder = {
  config: { detection: { nmsThreshold: 0.5 } },
  detect: ([{ width, height, data }]: RgbImage[]) => {
    const white = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && data[3 * (y * width + x)] === 255;
    const boxes: number[] = [];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        if (!white(x, y) || white(x - 1, y) || white(x, y - 1)) continue;
        let [w, h] = [1, 1];
        while (white(x + w, y)) w++;
        while (white(x, y + h)) h++;
        boxes.push(x, y, x + w, y + h);
      }
    const count = boxes.length / 4;
    return [
      {
        boxes: Float32Array.from(boxes),
        scores: new Float32Array(count).fill(0.5),
        labels: new Int32Array(count).fill(1),
        capped: false,
        proposalsCapped: false,
      },
    ];
  },
} as unknown as Detector;

const boxesIn = (points: readonly (readonly [number, number])[], [width, height] = [150, 90]) => {
  const windows = slidingCores({ width, height }, { width: 64, height: 64, overlap: 16 });
  const { boxes } = detectInWindows(finder, pictureOf(width, height, points), windows);
  return Array.from({ length: boxes.length / 4 }, (_, k) => Array.from(boxes.subarray(4 * k, 4 * k + 4)).join()).sort();
};

test("every cell is found once and whole, wherever the seams are", () => {
  for (let y = 3; y < 87; y += 4)
    for (let x = 3; x < 147; x += 4) assert.deepEqual(boxesIn([[x, y]]), [`${x - 2},${y - 2},${x + 3},${y + 3}`]);
});

test("an image smaller than a tile is searched as it is", () => {
  assert.deepEqual(
    boxesIn(
      [
        [20, 20],
        [30, 8],
      ],
      [40, 30],
    ),
    ["18,18,23,23", "28,6,33,11"],
  );
  assert.deepEqual(boxesIn([]), []);
});
