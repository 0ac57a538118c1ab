import assert from "node:assert/strict";
import { test } from "node:test";
import { squareMillimetres } from "./hot-spot.ts";

test("an area is a number, with or without its unit", () => {
  assert.deepEqual(["2", "2mm2", "0.5 mm²", ".25MM2"].map(squareMillimetres), [2, 2, 0.5, 0.25]);
  for (const wrong of ["", "0", "-1", "2mm", "two", "1e3", "101mm2"])
    assert.throws(() => squareMillimetres(wrong), /0\.01mm2 to 100mm2/);
});
