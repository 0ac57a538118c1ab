import assert from "node:assert/strict";
import { test } from "node:test";
import { byName, startAndEnd } from "./format.ts";

test("names are in the order in which people count", () => {
  const sorted = ["field-10.png", "b/1.png", "field-2.png", "Field-1.png", "b/10.png", "b/2.png"].sort(byName);
  assert.deepEqual(sorted, ["b/1.png", "b/2.png", "b/10.png", "Field-1.png", "field-2.png", "field-10.png"]);
});

test("of a long name the last letters stay together, with what belongs to them", () => {
  assert.deepEqual(startAndEnd("BM_GRAZ_HE_0007_01_000.png"), ["BM_GRAZ_HE_", "0007_01_000.png"]);
  assert.deepEqual(startAndEnd("case 4/tissue sample 01.png"), ["case 4/tissue ", "sample 01.png"]);
  assert.deepEqual(startAndEnd("0123456789abcdef.png"), ["01234", "56789abcdef.png"]);
  assert.deepEqual(startAndEnd("\u{1f52c}\u{1f52c}lymphkno\u0308te.png"), ["\u{1f52c}", "\u{1f52c}lymphkno\u0308te.png"]);
  assert.deepEqual(startAndEnd("tissue.png"), ["", "tissue.png"]);
  assert.deepEqual(startAndEnd(""), ["", ""]);
});
