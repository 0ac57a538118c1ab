import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scope } from "@sparsecell/torch";
import fc from "fast-check";
import type { RgbImage } from "../data/image-file.ts";
import type { InputSize } from "../settings/detector.ts";
import { goldenImage, goldenParts } from "./golden.fixture.ts";
import { networkSize, rescale, toBatch } from "./transform.ts";

const onCpu = { device: "cpu", dtype: "float32", memoryFormat: "channels_last" } as const;
const plain = (width: number, height: number, value: number): RgbImage => ({
  width,
  height,
  data: new Uint8Array(3 * width * height).fill(value),
});

describe("the network's size", () => {
  test("is torchvision's for the shortest edge", () => {
    for (const [height, width, min, max, ...expected] of goldenParts.networkSizes)
      assert.deepEqual(
        networkSize([height, width], { kind: "shortest-edge", min, max }),
        expected,
        `${height} × ${width} to ${min} … ${max}`,
      );
  });

  test("is square when stretched", () => {
    assert.deepEqual(networkSize([33, 500], { kind: "stretch", size: 800 }), [800, 800]);
  });

  test("fits into a letterbox with its aspect kept", () => {
    const input: InputSize = { kind: "letterbox", size: 800 };
    for (const [from, to] of [
      [
        [400, 400],
        [800, 800],
      ],
      [
        [100, 200],
        [400, 800],
      ],
      [
        [1485, 1663],
        [714, 800],
      ], // MITOS-ATYPIA-14, Hamamatsu: 1485 · 800 / 1663 = 714.4
      [
        [1200, 3],
        [800, 2],
      ],
      [
        [5000, 1],
        [800, 1],
      ],
    ] as const)
      assert.deepEqual(networkSize(from, input), to);
  });
});

describe("a batch", () => {
  test("of images of different sizes has torchvision's values and zeros beside the smaller one", () =>
    scope(() => {
      const { shape, sizes, at, values } = goldenParts.transform;
      const images = [goldenImage("transform/0", 23, 31), goldenImage("transform/1", 50, 45)];
      const batch = toBatch(images, { input: { kind: "shortest-edge", min: 40, max: 70 }, ...onCpu });
      assert.deepEqual(batch.input.shape, shape);
      assert.deepEqual(batch.sizes, sizes);
      assert.deepEqual(batch.originals, [
        [23, 31],
        [50, 45],
      ]);
      const all = batch.input.data();
      const [, channels, height, width] = shape;
      at.forEach(([n, c, y, x], i) =>
        assert.ok(
          Math.abs(Number(all[((n * channels + c) * height + y) * width + x]) - values[i]) < 1e-5,
          `at ${n} ${c} ${y} ${x}`,
        ),
      );
    }));

  test("of one image without a change of size has (v / 255 − mean) / deviation", () =>
    scope(() => {
      const image: RgbImage = { width: 32, height: 64, data: Uint8Array.from({ length: 3 * 32 * 64 }, (_, i) => (i * 7) % 256) };
      const { input } = toBatch([image], { input: { kind: "shortest-edge", min: 32, max: 64 }, ...onCpu });
      assert.deepEqual(input.shape, [1, 3, 64, 32]);
      const values = input.data();
      for (const [c, y, x] of [
        [0, 0, 0],
        [1, 3, 31],
        [2, 63, 5],
      ]) {
        const expected = (image.data[(y * 32 + x) * 3 + c] / 255 - [0.485, 0.456, 0.406][c]) / [0.229, 0.224, 0.225][c];
        assert.ok(Math.abs(Number(values[(c * 64 + y) * 32 + x]) - expected) < 1e-6);
      }
    }));

  test("is a multiple of 32, channels last, in the dtype asked for", () =>
    scope(() => {
      const input: InputSize = { kind: "stretch", size: 72 };
      const batch = toBatch([plain(10, 20, 128), plain(90, 30, 128)], { input, ...onCpu, dtype: "bfloat16" });
      assert.deepEqual(batch.input.shape, [2, 3, 96, 96]);
      assert.deepEqual(batch.sizes, [
        [72, 72],
        [72, 72],
      ]);
      assert.equal(batch.input.dtype, "bfloat16");
      assert.equal(batch.input.strides[1], 1);
    }));

  test("of a letterbox is square, with the image at the top left and the mean colour beside and below it", () =>
    scope(() => {
      const input: InputSize = { kind: "letterbox", size: 60 };
      const images = [plain(40, 20, 255), plain(30, 30, 0)]; // → 60×30 and 60×60 in 64×64
      const batch = toBatch(images, { input, ...onCpu });
      assert.deepEqual(batch.input.shape, [2, 3, 64, 64]);
      assert.deepEqual(batch.sizes, [
        [30, 60],
        [60, 60],
      ]);
      const values = batch.input.data();
      const at = (n: number, y: number, x: number): number => Number(values[(n * 3 * 64 + y) * 64 + x]); // of red
      const [white, black] = [(1 - 0.485) / 0.229, -0.485 / 0.229];
      for (const [n, y, x, expected] of [
        [0, 0, 0, white],
        [0, 29, 59, white],
        [0, 30, 0, 0],
        [0, 29, 60, 0],
        [0, 63, 63, 0],
        [1, 59, 59, black],
        [1, 60, 59, 0],
        [1, 59, 60, 0],
      ])
        assert.ok(Math.abs(at(n, y, x) - expected) < 1e-6, `image ${n} at ${y} ${x}: ${at(n, y, x)}`);
      const alone = toBatch(images.slice(0, 1), { input, ...onCpu });
      assert.deepEqual(alone.input.shape, [1, 3, 64, 64], "whatever the images' shapes");
    }));

  test("of an image of one pixel", () =>
    scope(() => {
      const { input } = toBatch([plain(1, 1, 255)], { input: { kind: "stretch", size: 32 }, ...onCpu });
      assert.deepEqual(input.shape, [1, 3, 32, 32]);
      assert.ok(Math.abs(Number(input.data()[0]) - (1 - 0.485) / 0.229) < 1e-6);
    }));
});

test("boxes follow the image's size and come back", () => {
  const boxes = Float32Array.of(1, 2, 50, 100, 0, 0, 200, 100);
  const larger = rescale(boxes, [100, 200], [800, 800]);
  assert.deepEqual(Array.from(larger), [4, 16, 200, 800, 0, 0, 800, 800]);
  assert.deepEqual(rescale(larger, [800, 800], [100, 200]), boxes);
  assert.equal(rescale(new Float32Array(0), [1, 1], [2, 2]).length, 0);
});

test("boxes in a letterbox have one factor and come back", () => {
  const size = networkSize([100, 200], { kind: "letterbox", size: 800 });
  const boxes = Float32Array.of(1, 2, 50, 100, 0, 0, 200, 100);
  const larger = rescale(boxes, [100, 200], size);
  assert.deepEqual(Array.from(larger), [4, 8, 200, 400, 0, 0, 800, 400]);
  assert.deepEqual(rescale(larger, size, [100, 200]), boxes);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 1, max: 4000 }), (height, width) => {
      const to = networkSize([height, width], { kind: "letterbox", size: 512 });
      assert.equal(Math.max(...to), 512);
      const box = Float32Array.of(0.25 * width, 0.1 * height, 0.5 * width, height);
      const there = rescale(box, [height, width], to);
      assert.ok(there[2] <= 512 && there[3] <= 512);
      const back = rescale(there, to, [height, width]);
      back.forEach((value, i) => assert.ok(Math.abs(value - box[i]) <= 1e-6 * Math.max(height, width)));
    }),
  );
});
