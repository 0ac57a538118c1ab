import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { slidingWindows } from "./windows.ts";

test("sliding windows of a frame", () => {
  const places = (width: number, height: number, size: Parameters<typeof slidingWindows>[1]) =>
    slidingWindows({ width, height }, size).map((window) => Object.values(window).join(" "));
  assert.deepEqual(places(100, 60, { width: 50, height: 60, overlap: 0 }), ["0 0 50 60", "50 0 50 60"]);
  assert.deepEqual(places(101, 60, { width: 50, height: 60, overlap: 0 }), ["0 0 50 60", "50 0 50 60", "51 0 50 60"]);
  assert.deepEqual(places(90, 50, { width: 50, height: 30, overlap: 10 }), [
    "0 0 50 30",
    "40 0 50 30",
    "0 20 50 30",
    "40 20 50 30",
  ]);
  assert.deepEqual(places(40, 30, { width: 50, height: 20, overlap: 0 }), ["0 0 40 20", "0 10 40 20"]);
  assert.deepEqual(places(40, 30, { width: 50, height: 60, overlap: 49 }), ["0 0 40 30"]);
});

const side = fc.integer({ min: 1, max: 200 });
const grids = fc.record({
  width: side,
  height: side,
  size: fc.record({ width: side, height: side }),
  part: fc.double({ min: 0, max: 0.99, noNaN: true }),
});

test("windows cover their frame, lie inside, differ, and share at least the overlap", () => {
  fc.assert(
    fc.property(grids, ({ width, height, size, part }) => {
      const overlap = Math.floor(part * Math.min(size.width, size.height));
      const windows = slidingWindows({ width, height }, { ...size, overlap });
      assert.equal(new Set(windows.map(({ x, y }) => `${x} ${y}`)).size, windows.length);
      for (const window of windows) {
        assert.ok(window.x >= 0 && window.y >= 0 && window.x + window.width <= width && window.y + window.height <= height);
        assert.deepEqual([window.width, window.height], [Math.min(size.width, width), Math.min(size.height, height)]);
      }
      for (const [at, length] of [
        ["x", "width"],
        ["y", "height"],
      ] as const) {
        const starts = [...new Set(windows.map((window) => window[at]))].sort((a, b) => a - b);
        assert.equal(starts[0], 0);
        assert.equal(starts[starts.length - 1] + windows[0][length], { width, height }[length]);
        for (let i = 1; i < starts.length; i++) assert.ok(starts[i] <= starts[i - 1] + windows[0][length] - overlap);
      }
    }),
  );
});
