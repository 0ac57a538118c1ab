import assert from "node:assert/strict";
import { test } from "node:test";
import { grad, noGrad, scope, Tensor } from "@sparsecell/torch";
import { goldenParts, largestDifference, uniform } from "../detector/golden.fixture.ts";
import { roiAlign } from "./roi-align.ts";

interface Level {
  readonly shape: readonly [n: number, c: number, h: number, w: number];
  readonly values: Float64Array;
}

const level = (name: string, ...shape: [number, number, number, number]): Level => ({
  shape,
  values: uniform(
    name,
    shape.reduce((a, b) => a * b),
  ),
});
const tensorOf = ({ values, shape }: Level): Tensor => Tensor.from(Float32Array.from(values), shape);

interface Case {
  readonly levels: readonly Level[];
  readonly boxes: Float32Array;
  readonly images: Int32Array;
  readonly size: number;
  readonly scales: readonly number[];
}

/** Calls `visit` for every feature value that has a part in an output value [R, S·S, C], with the size of that part. */
function eachShare(
  { levels, boxes, images, size, scales }: Case,
  visit: (output: number, level: number, input: number, share: number) => void,
): void {
  for (let r = 0; r < images.length; r++) {
    const [x1, y1, x2, y2] = boxes.subarray(4 * r, 4 * r + 4);
    const l =
      Math.min(Math.max(Math.floor(4 + Math.log2(Math.sqrt((x2 - x1) * (y2 - y1)) / 224) + 1e-6), 2), levels.length + 1) - 2;
    const [, channels, height, width] = levels[l].shape;
    const [left, top] = [x1 * scales[l], y1 * scales[l]];
    const binWidth = Math.max(x2 * scales[l] - left, 1) / size;
    const binHeight = Math.max(y2 * scales[l] - top, 1) / size;
    for (let c = 0; c < channels; c++)
      for (let by = 0; by < size; by++)
        for (let bx = 0; bx < size; bx++)
          for (let sy = 0; sy < 2; sy++)
            for (let sx = 0; sx < 2; sx++) {
              let y = top + (by + (sy + 0.5) / 2) * binHeight;
              let x = left + (bx + (sx + 0.5) / 2) * binWidth;
              if (y < -1 || y > height || x < -1 || x > width) continue;
              y = Math.min(Math.max(y, 0), height - 1);
              x = Math.min(Math.max(x, 0), width - 1);
              for (const [row, shareY] of [
                [Math.floor(y), 1 - (y % 1)],
                [Math.floor(y) + 1, y % 1],
              ])
                for (const [column, shareX] of [
                  [Math.floor(x), 1 - (x % 1)],
                  [Math.floor(x) + 1, x % 1],
                ])
                  if (shareX * shareY > 0)
                    visit(
                      (r * size * size + by * size + bx) * channels + c,
                      l,
                      ((images[r] * channels + c) * height + row) * width + column,
                      (shareX * shareY) / 4,
                    );
            }
  }
}

function slowForward(input: Case): Float64Array {
  const output = new Float64Array(input.images.length * input.size ** 2 * input.levels[0].shape[1]);
  eachShare(input, (o, l, i, share) => {
    output[o] += share * input.levels[l].values[i];
  });
  return output;
}

const everywhere: Case = {
  levels: [level("a", 2, 3, 64, 48), level("b", 2, 3, 32, 24), level("c", 2, 3, 16, 12), level("d", 2, 3, 8, 6)], // of 256 × 192 pixels
  boxes: Float32Array.from(
    [
      [10, 20, 60, 90],
      [-40, -30, 20, 25], // over the top left corner
      [150, 200, 260, 300], // over the bottom right corner
      [80.3, 90.1, 80.9, 90.2], // less than a pixel of the level
      [30, 30, 30, 30], // no area
      [-300, -300, 900, 900], // far larger than the image
      [500, 500, 520, 530], // outside
      [0, 0, 192, 256],
      [20, 10, 180, 170],
      [-50, -20, 220, 280],
      [5, 5, 117, 117], // 112 pixels: exactly where P3 begins
      [0, 0, 111.9, 111.9],
      [0, 0, 223.99998, 224], // P4, for which rounding errors are forgiven
      [191, 255, 192, 256],
    ].flat(),
  ),
  images: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1),
  size: 7,
  scales: [1 / 4, 1 / 8, 1 / 16, 1 / 32],
};

const fast = ({ levels, boxes, images, ...options }: Case): Tensor => roiAlign(levels.map(tensorOf), boxes, images, options);

test("values are those of nested loops over the definition", () =>
  scope(() => {
    const output = fast(everywhere);
    assert.deepEqual(output.shape, [14, 49, 3]);
    assert.ok(largestDifference(output.numbers(), slowForward(everywhere)) < 1e-5);
  }));

test("a level's memory format does not matter", () =>
  scope(() => {
    const { levels, boxes, images, size, scales } = everywhere;
    const channelsLast = levels.map((own) => tensorOf(own).contiguous("channels_last"));
    assert.deepEqual(roiAlign(channelsLast, boxes, images, { size, scales }).numbers(), fast(everywhere).numbers());
  }));

test("with shared pixels taken once, the sums are the same", () =>
  scope(() => {
    const merged = fast({ ...everywhere, merged: true } as Case);
    assert.ok(largestDifference(merged.numbers(), fast(everywhere).numbers()) < 1e-5);
  }));

test("gradients are those of nested loops over the definition", () =>
  scope(() => {
    const { levels, boxes, images, size, scales } = everywhere;
    const inputs = levels.map(tensorOf);
    for (const input of inputs) input.requiresGrad = true;
    const output = roiAlign(inputs, boxes, images, { size, scales });
    const direction = uniform("direction", output.numel);
    const gradients = grad([output.mul(Tensor.from(Float32Array.from(direction), output.shape)).sum()], inputs);
    const expected = levels.map(({ values }) => new Float64Array(values.length));
    eachShare(everywhere, (o, l, i, share) => {
      expected[l][i] += share * direction[o];
    });
    gradients.forEach((gradient, l) => assert.ok(largestDifference(gradient?.numbers() ?? [], expected[l]) < 1e-5, `level ${l}`));
    assert.ok(
      expected.every((own) => own.some((value) => value !== 0)),
      "every level takes part",
    );
  }));

test("values are torchvision's", () =>
  scope(() => {
    const { boxes, values } = goldenParts.roiAlign; // of two images; torchvision's result is [R, C, S, S]
    const golden: Case = {
      levels: Array.from({ length: 4 }, (_, i) => level(`roi-align/${i}`, 2, 2, 64 >> i, 64 >> i)),
      boxes: Float32Array.from(boxes.flat(2)),
      images: Int32Array.from(boxes.flatMap((own, n) => own.map(() => n))),
      size: 3,
      scales: everywhere.scales,
    };
    assert.ok(largestDifference(fast(golden).transpose(1, 2).numbers(), values) < 2e-5);
  }));

test("no RoI gives no rows, and gradients of zero", () =>
  scope(() => {
    const input = tensorOf(everywhere.levels[0]);
    input.requiresGrad = true;
    const output = roiAlign([input], new Float32Array(0), new Int32Array(0), { size: 7, scales: [1 / 4] });
    assert.deepEqual(output.shape, [0, 49, 3]);
    const [gradient] = grad([output.sum()], [input]);
    assert.ok(gradient?.numbers().every((value) => value === 0));
  }));

test("pools in float32 from bfloat16 levels", () =>
  scope(() => {
    const { boxes, images, size, scales } = everywhere;
    const output = noGrad(() =>
      roiAlign(
        everywhere.levels.map((own) => tensorOf(own).to("bfloat16")),
        boxes,
        images,
        { size, scales },
      ),
    );
    assert.equal(output.dtype, "float32");
    assert.ok(largestDifference(output.numbers(), slowForward(everywhere)) < 1e-2);
  }));
