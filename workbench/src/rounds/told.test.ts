import assert from "node:assert/strict";
import { test } from "node:test";
import { methodTold } from "./told.ts";

test("a training is told what the answers say, if they say anything, within limits", () => {
  const told = (value: number) => methodTold({ completeness: { value, low: value, high: value } });
  assert.equal(methodTold({ completeness: null }), "completeness");
  assert.deepEqual([0.123456, 0.001, 1].map(told), ["completeness:c=0.123", "completeness:c=0.020", "completeness:c=1.000"]);
});
