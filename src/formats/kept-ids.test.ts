import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keptIds } from "./kept-ids.ts";

test("whole numbers stay, everything else is numbered above them", () => {
  assert.deepEqual(keptIds([7, 0, -3]), [{ id: 7 }, { id: 0 }, { id: -3 }]);
  assert.deepEqual(keptIds(["a", "12", undefined, "012", 12]), [
    { id: 13, sourceId: "a" },
    { id: 12 },
    { id: 14 },
    { id: 15, sourceId: "012" },
    { id: 16, sourceId: 12 },
  ]);
  assert.deepEqual(keptIds([undefined, undefined]), [{ id: 1 }, { id: 2 }]);
  assert.deepEqual(keptIds([2 ** 53, 0.5]), [
    { id: 1, sourceId: 2 ** 53 },
    { id: 2, sourceId: 0.5 },
  ]);
});

test("of several ids of one thing the first is its id, and all are remembered", () => {
  assert.deepEqual(keptIds([[5, 6], 1, ["b", 1], [1, 7]]), [
    { id: 5, sourceId: [5, 6] },
    { id: 1 },
    { id: 6, sourceId: ["b", 1] },
    { id: 7, sourceId: [1, 7] },
  ]);
});

test("ids are whole numbers and differ", () => {
  const anyId = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(undefined), fc.integer({ min: 0, max: 5 }));
  fc.assert(
    fc.property(fc.array(anyId), (ids) => {
      const kept = keptIds(ids);
      assert.ok(kept.every(({ id }) => Number.isSafeInteger(id)));
      assert.equal(new Set(kept.map(({ id }) => id)).size, ids.length);
    }),
  );
});
