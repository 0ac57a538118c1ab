import assert from "node:assert/strict";
import { test } from "node:test";
import { anchorGrid } from "./anchors.ts";
import { goldenParts } from "./golden.fixture.ts";

test("the grid is torchvision's, in its order", () => {
  const { sizes, aspectRatios, imageSize, levels, boxes } = goldenParts.anchors;
  assert.deepEqual(
    Array.from(anchorGrid({ sizes, aspectRatios }, imageSize, levels).boxes, (x) => x + 0),
    boxes,
  );
});

test("a level starts where the one before ends", () => {
  const { levels, boxes } = anchorGrid(
    {
      sizes: [
        [8, 12],
        [16, 24],
      ],
      aspectRatios: [1],
    },
    [32, 64],
    [
      [4, 8],
      [2, 4],
    ],
  );
  assert.deepEqual(
    levels.map(({ start }) => start),
    [0, 64],
  );
  assert.equal(boxes.length / 4, 64 + 16);
  assert.deepEqual(Array.from(boxes.subarray(4 * 64, 4 * 66)), [-8, -8, 8, 8, -12, -12, 12, 12]);
});

test("strides follow from sizes, in each direction its own", () => {
  const { levels } = anchorGrid({ sizes: [[8]], aspectRatios: [1] }, [96, 64], [[12, 4]]);
  assert.deepEqual([levels[0].strideY, levels[0].strideX], [8, 16]);
});

test("sizes for another number of levels are an error", () => {
  assert.throws(
    () =>
      anchorGrid(
        { sizes: [[8]], aspectRatios: [1] },
        [32, 32],
        [
          [4, 4],
          [2, 2],
        ],
      ),
    /expected sizes for 2 levels, got 1/,
  );
});
