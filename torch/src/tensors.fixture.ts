// Shared by the tests of this package: devices, random tensors, and comparison of numbers.

import assert from "node:assert/strict";
import type { Device, Dtype } from "./dtype.ts";
import { rand } from "./functional.ts";
import { Generator } from "./generator.ts";
import { runtime } from "./runtime.ts";
import type { Tensor } from "./tensor.ts";

/** "cpu", and "cuda" if there is one. */
export const devices = (): readonly Device[] => (runtime().cudaDevices > 0 ? ["cpu", "cuda"] : ["cpu"]);

/** Uniform in ±2, the same for the same seed. */
export const random = (shape: readonly number[], seed: number, dtype: Dtype = "float64"): Tensor =>
  rand(shape, new Generator(seed), { dtype }).mul(4).sub(2);

/** A float64 leaf that requires a gradient, for gradCheck. */
export function leaf(shape: readonly number[], seed: number): Tensor {
  const tensor = random(shape, seed);
  tensor.requiresGrad = true;
  return tensor;
}

/** Asserts |actual − expected| ≤ tolerance · (1 + |expected|) for every pair. */
export function close(actual: Tensor | readonly number[], expected: Tensor | readonly number[], tolerance = 1e-12): void {
  const [a, b] = [actual, expected].map((side) => ("handle" in side ? side.numbers() : side));
  assert.equal(a.length, b.length);
  const bad = a.findIndex((value, i) => !(value === b[i] || Math.abs(value - b[i]) <= tolerance * (1 + Math.abs(b[i]))));
  if (bad >= 0) assert.fail(`element ${bad} of ${a.length}: expected ${b[bad]}, got ${a[bad]} (tolerance ${tolerance})`);
}
