import assert from "node:assert/strict";
import { test } from "node:test";
import { choiceLines, choiceText, commonChoice, parseRange, pixelChoiceFrom } from "./pixel-choice.ts";

test("a range is two numbers or two percentiles, the smaller first", () => {
  assert.deepEqual(parseRange("0:4095"), { low: 0, high: 4095, percentiles: false });
  assert.deepEqual(parseRange("-0.5:1e3"), { low: -0.5, high: 1000, percentiles: false });
  assert.deepEqual(parseRange("1%:99.8%"), { low: 1, high: 99.8, percentiles: true });
  for (const text of ["", "4095", "5:5", "9:1", "1%:99", "0%:101%", "-1%:50%", "a:b", "0:1:2", "0:1e999", " 0:1"])
    assert.equal(parseRange(text), null, text);
});

test("a choice from JSON is checked key by key", () => {
  const read = (value: unknown) => pixelChoiceFrom(value, (key, message) => new Error(`${key}: ${message}`));
  assert.deepEqual(read({ range: "0:9", page: 2, channels: [3, 1, 2] }), { page: 2, channels: [3, 1, 2], range: "0:9" });
  const faults: [unknown, RegExp][] = [
    [[], /null: expected an object/],
    [{ pages: 1 }, /pages: is an unknown key/],
    [{ page: 0 }, /page: expected a whole number from 1 on, got 0/],
    [{ channels: [1, 2] }, /channels: expected one or three numbers from 1 on, got 1,2|\[1,2\]/],
    [{ range: "9:1" }, /range: expected text such as "0:4095"/],
  ];
  for (const [value, message] of faults) assert.throws(() => read(value), { message });
});

test("choices in words, counted, and what they agree on", () => {
  const choice = { page: 2, channels: [1, 2, 3], range: "0:4095" };
  assert.equal(choiceText(choice), "page 2, channels 1,2,3, values 0:4095 as 0 to 255");
  assert.equal(choiceText({}), null);
  assert.deepEqual(choiceLines([{ pixels: { channels: [1] } }, {}, { pixels: { channels: [1] } }]), ["channel 1 (2 images)"]);
  assert.deepEqual(commonChoice([choice, undefined, choice]), choice);
  assert.deepEqual(
    commonChoice([
      { page: 1, range: "0:9" },
      { page: 2, range: "0:9" },
    ]),
    { range: "0:9" },
  );
});
