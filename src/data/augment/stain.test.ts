import assert from "node:assert/strict";
import { test } from "node:test";
import { stain } from "./stain.ts";

const unit = (vector: number[]) => vector.map((value) => value / Math.hypot(...vector));
const vectors = [unit([0.65, 0.7, 0.29]), unit([0.07, 0.99, 0.11]), unit([0.27, 0.57, 0.78])];

/** The colour of amounts of haematoxylin, eosin and DAB. */
const colour = (amounts: readonly number[]): number[] =>
  [0, 1, 2].map((channel) =>
    Math.round(256 * 10 ** -amounts.reduce((sum, amount, k) => sum + amount * vectors[k][channel], 0) - 1),
  );

const changed = async (rgb: readonly number[], factors: number[], shifts: number[]): Promise<number[]> => {
  const image = { width: 1, height: 1, data: Uint8Array.from(rgb) };
  const [a, b, c] = factors;
  const [d, e, f] = shifts;
  return [...(await stain.apply(image, { factors: [a, b, c], shifts: [d, e, f] })).data];
};

const near = (found: number[], expected: number[], message: string) =>
  found.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) <= 1, `${message}: ${found}, expected ${expected}`));

test("every colour stays when no stain changes", async () => {
  const data = Uint8Array.from({ length: 3 * 4096 }, (_, i) => (17 * (Math.floor(i / 3) >> (4 * (i % 3)))) & 255);
  const result = await stain.apply({ width: 64, height: 64, data }, { factors: [1, 1, 1], shifts: [0, 0, 0] });
  assert.deepEqual(result.data, data);
  for (let value = 0; value < 256; value++)
    assert.deepEqual(await changed([value, 255 - value, value], [1, 1, 1], [0, 0, 0]), [value, 255 - value, value]);
});

test("factors scale the amount of one stain each, shifts add to it", async () => {
  const amounts = [0.4, 0.2, 0.3];
  for (const k of [0, 1, 2]) {
    const factors = [0, 1, 2].map((i) => (i === k ? 1.2 : 1));
    const shifts = [0, 1, 2].map((i) => (i === k ? 0.05 : 0));
    const scaled = amounts.map((amount, i) => amount * factors[i]);
    const shifted = amounts.map((amount, i) => amount + shifts[i]);
    near(await changed(colour(amounts), factors, [0, 0, 0]), colour(scaled), `factor of ${k}`);
    near(await changed(colour(amounts), [1, 1, 1], shifts), colour(shifted), `shift of ${k}`);
  }
});

test("more light than the empty slide's is white, none is black", async () => {
  assert.deepEqual(await changed([255, 255, 255], [1, 1, 1], [-0.05, -0.05, -0.05]), [255, 255, 255]);
  assert.deepEqual(await changed([0, 0, 0], [1.2, 1.2, 1.2], [0.05, 0.05, 0.05]), [0, 0, 0]);
});
