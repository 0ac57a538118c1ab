// Anchors: boxes of fixed sizes around every position of every level, from which the first stage starts.
// Order, as in torchvision: level by level; row by row; at each position all shapes (sizes within aspect ratios).
// Boxes are x1 y1 x2 y2 in pixels of the network's input.

import type { AnchorConfig } from "../settings/detector.ts";

export interface AnchorLevel {
  readonly width: number;
  readonly height: number;
  readonly strideX: number;
  readonly strideY: number;
  /** [S, 4]: the shapes around the origin, rounded to whole pixels. */
  readonly shapes: Float32Array;
  /** Index of this level's first anchor among all. */
  readonly start: number;
}

export interface AnchorGrid {
  readonly levels: readonly AnchorLevel[];
  /** [A, 4] */
  readonly boxes: Float32Array;
}

/** Shapes at one position of a level: for each ratio, each size → [S, 4]. */
export function anchorShapes(sizes: readonly number[], aspectRatios: readonly number[]): Float32Array {
  const shapes: number[] = [];
  for (const ratio of aspectRatios)
    for (const size of sizes) {
      const h = Math.fround(Math.sqrt(ratio)) * size;
      const w = size / Math.fround(Math.sqrt(ratio));
      shapes.push(roundHalfEven(-w / 2), roundHalfEven(-h / 2), roundHalfEven(w / 2), roundHalfEven(h / 2));
    }
  return Float32Array.from(shapes);
}

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** All anchors of an input of `imageSize` whose levels have the sizes `levelSizes` (each [height, width]). */
export function anchorGrid(
  config: AnchorConfig,
  imageSize: readonly [height: number, width: number],
  levelSizes: readonly (readonly [number, number])[],
): AnchorGrid {
  if (config.sizes.length !== levelSizes.length)
    throw new RangeError(`anchors: expected sizes for ${levelSizes.length} levels, got ${config.sizes.length}`);
  let start = 0;
  const levels = levelSizes.map(([height, width], i): AnchorLevel => {
    const shapes = anchorShapes(config.sizes[i], config.aspectRatios);
    const level = {
      width,
      height,
      strideX: Math.floor(imageSize[1] / width),
      strideY: Math.floor(imageSize[0] / height),
      shapes,
      start,
    };
    start += height * width * (shapes.length / 4);
    return level;
  });
  const boxes = new Float32Array(start * 4);
  let k = 0;
  for (const { width, height, strideX, strideY, shapes } of levels)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let s = 0; s < shapes.length; s += 4) {
          boxes[k++] = x * strideX + shapes[s];
          boxes[k++] = y * strideY + shapes[s + 1];
          boxes[k++] = x * strideX + shapes[s + 2];
          boxes[k++] = y * strideY + shapes[s + 3];
        }
  return { levels, boxes };
}
