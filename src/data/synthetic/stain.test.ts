import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../random.ts";
import { develop, randomStain, type Stain } from "./stain.ts";

const SIDE = 33;

/** The colour in the middle of a section with the same concentrations everywhere, without noise. */
function colour(stain: Stain, hematoxylin: number, second: number): number[] {
  const plane = (value: number) => new Float32Array(SIDE * SIDE).fill(value);
  const section = { width: SIDE, height: SIDE, hematoxylin: plane(hematoxylin), second: plane(second) };
  const rgb = develop(section, { stain: { ...stain, noise: 0, haze: 0, vignette: 0 }, random: new Random(1) });
  return [...rgb.subarray(3 * ((SIDE * SIDE - 1) / 2)).subarray(0, 3)];
}

test("hematoxylin is blue, DAB brown, eosin pink, glass the colour of the light; on every slide", () => {
  for (let seed = 0; seed < 50; seed++) {
    const ki67 = randomStain("ki67", new Random(seed));
    const eosin = randomStain("mitosis", new Random(seed));
    assert.ok(colour(ki67, 0, 0).every((level, i) => Math.abs(level - ki67.light[i]) < 1.5));
    const [blue, brown, pink] = [colour(ki67, 0.5, 0), colour(ki67, 0, 0.6), colour(eosin, 0, 0.4)];
    assert.ok(blue[2] > blue[0] + 20 && blue[2] > blue[1] + 20, `${blue}`);
    assert.ok(brown[0] > brown[1] + 15 && brown[1] > brown[2] + 5, `${brown}`);
    assert.ok(pink[0] > pink[2] && pink[2] > pink[1] + 20, `${pink}`);
  }
});

test("transmitted light: twice the concentration gives the square, two stains give the product", () => {
  const stain = randomStain("ki67", new Random(4));
  const left = (hematoxylin: number, second: number) =>
    colour(stain, hematoxylin, second).map((level, i) => level / stain.light[i]);
  const [once, twice, other, both] = [left(0.2, 0), left(0.4, 0), left(0, 0.3), left(0.2, 0.3)];
  for (let channel = 0; channel < 3; channel++) {
    assert.ok(Math.abs(twice[channel] - once[channel] ** 2) < 0.01);
    assert.ok(Math.abs(both[channel] - once[channel] * other[channel]) < 0.01);
  }
});
