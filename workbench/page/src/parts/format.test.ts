import assert from "node:assert/strict";
import { test } from "node:test";
import { byName } from "./format.ts";

test("names are in the order in which people count", () => {
  const sorted = ["field-10.png", "b/1.png", "field-2.png", "Field-1.png", "b/10.png", "b/2.png"].sort(byName);
  assert.deepEqual(sorted, ["b/1.png", "b/2.png", "b/10.png", "Field-1.png", "field-2.png", "field-10.png"]);
});
