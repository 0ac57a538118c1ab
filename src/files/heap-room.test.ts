import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { costOf, requireHeapRoom } from "./heap-room.ts";

test("property: the cost is the sum over all characters, also across blocks", () => {
  const cost = { each: 3, more: { "{": 50, "\n": 700 } };
  const extra = new Map([
    [0x7b, 50],
    [0x0a, 700],
  ]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const expected = bytes.reduce((sum, byte) => sum + 3 + (extra.get(byte) ?? 0), 0);
      assert.equal(costOf(bytes, cost), expected);
    }),
  );
  const blocks = new Uint8Array(2 ** 21 + 5).fill(0x7b);
  assert.equal(costOf(blocks, cost), 53 * blocks.length);
});

test("files that cannot fit are refused before they are parsed; small files are not checked", () => {
  const file = new Uint8Array(2 ** 24);
  const cost = { each: 1_000_000, more: {} }; // 16 TB in all
  assert.throws(
    () => requireHeapRoom("big.json", file, cost),
    /^UserError: big\.json: has 17 MB, which may take \d+ MB of memory, and this process has \d+; cut it .*--max-old-space-size=\d+$/,
  );
  requireHeapRoom("big.json", file, { each: 1, more: {} });
  requireHeapRoom("small.json", file.subarray(1), cost);
});
