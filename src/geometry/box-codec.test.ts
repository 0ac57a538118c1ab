import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goldenBoxes, goldenParts, largestDifference, uniform } from "../detector/golden.fixture.ts";
import { clipBoxes, decode, encode, roiWeights, rpnWeights } from "./box-codec.ts";

const boxes = (count: number): fc.Arbitrary<Float32Array> =>
  fc
    .array(
      fc.tuple(
        fc.integer({ min: -100, max: 900 }),
        fc.integer({ min: -100, max: 900 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 400 }),
      ),
      {
        minLength: count,
        maxLength: count,
      },
    )
    .map((list) => Float32Array.from(list.flatMap(([x, y, w, h]) => [x, y, x + w, y + h])));

for (const [name, weights] of [
  ["rpn", rpnWeights],
  ["roi", roiWeights],
] as const)
  test(`codes and boxes are torchvision's (${name})`, () => {
    const golden = goldenParts.codec[name];
    const references = goldenBoxes("codec/references", 12, 100);
    const codes = Float32Array.from(uniform("codec/codes", 12 * 2 * 4), (u) => 20 * u); // up to ±20: beyond the largest growth
    assert.ok(largestDifference(encode(goldenBoxes("codec/boxes", 12, 100), references, weights), golden.encoded) < 1e-4);
    const decoded = decode(codes, references, weights);
    assert.equal(decoded.length, golden.decoded.length);
    decoded.forEach((value, i) => assert.ok(Math.abs(value - golden.decoded[i]) <= 1e-4 + 1e-5 * Math.abs(golden.decoded[i])));
  });

test("property: decoding what was encoded gives the boxes back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5 }).chain((count) => fc.tuple(boxes(count), boxes(count))),
      fc.constantFrom(rpnWeights, roiWeights),
      ([wanted, references], weights) => {
        // a box more than 1000/16 times its reference is out of reach
        fc.pre(wanted.every((_, i) => i % 4 < 2 || wanted[i] - wanted[i - 2] <= 62 * (references[i] - references[i - 2])));
        const back = decode(encode(wanted, references, weights), references, weights);
        assert.ok(largestDifference(back, wanted) < 5e-3, `${back} for ${wanted}`);
      },
    ),
  );
});

test("codes of zero leave the reference, for every class", () => {
  const references = Float32Array.of(1, 2, 5, 10, 20, 30, 21, 31);
  assert.deepEqual(
    Array.from(decode(new Float32Array(24), references, roiWeights)),
    [1, 2, 5, 10, 1, 2, 5, 10, 1, 2, 5, 10, 20, 30, 21, 31, 20, 30, 21, 31, 20, 30, 21, 31],
  );
});

test("without boxes there are no codes", () => {
  const none = new Float32Array(0);
  assert.equal(encode(none, none, rpnWeights).length, 0);
  assert.equal(decode(none, none, rpnWeights).length, 0);
});

test("clipping cuts boxes to the image and leaves what is inside", () => {
  const all = Float32Array.of(-5, -6, 300, 400, 10, 20, 30, 40, 250, 5, 260, 6);
  clipBoxes(all, [100, 200]);
  assert.deepEqual(Array.from(all), [0, 0, 200, 100, 10, 20, 30, 40, 200, 5, 200, 6]);
});
