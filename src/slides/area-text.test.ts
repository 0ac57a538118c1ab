import assert from "node:assert/strict";
import { test } from "node:test";
import { areaText } from "./area-text.ts";

test("an area has two decimals, and a small one its first two digits", () => {
  assert.deepEqual(
    [123.456, 1, 0.1, 0.0123, 0.00099, 0, 1e-30].map((mm2) => areaText(mm2)),
    ["123.46", "1.00", "0.10", "0.012", "0.00099", "0.00", "0.000000000000"],
  );
  assert.equal(areaText(0.0001, 0.0042), "0.0001");
});
