import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Box, centre } from "../geometry/box.ts";
import { type Region, rectangleRing, regionAt } from "../geometry/region.ts";
import { slideWindows } from "./slide-windows.ts";

const [MPP, BLOCK, REACH, MARGIN] = [2, 64, 32, 8]; // pixels of 2 µm keep slides small

const part = fc.double({ min: 0, max: 1, noNaN: true });
const side = fc.integer({ min: 1, max: 1500 });

/** Slides with small and large cells, also at their border, and complete and ignored quadrilaterals. */
const marked = fc
  .record({
    width: side,
    height: side,
    cells: fc.array(fc.tuple(part, part, fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 200 }))), {
      maxLength: 40,
    }),
    outlines: fc.array(fc.tuple(fc.boolean(), fc.array(part, { minLength: 8, maxLength: 8 })), { maxLength: 3 }),
  })
  .map(({ width, height, cells, outlines }) => ({
    slide: { width, height },
    boxes: cells.map(([x, y, side], id) => {
      const [left, top] = [x * (width - 1), y * (height - 1)];
      return { id, box: [left, top, Math.min(width, left + side), Math.min(height, top + side)] as Box };
    }),
    regions: outlines.map(
      ([complete, ring]): Region => ({
        kind: complete ? "complete" : "ignore",
        rings: [ring.map((value, i) => value * (i % 2 === 0 ? width : height))],
      }),
    ),
  }));

const holds = ([x1, y1, x2, y2]: Box, x: number, y: number): boolean => x1 <= x && x < x2 && y1 <= y && y < y2;

test("property: cores are disjoint, of at most 5 blocks along a side, and reach around every box and complete region", () => {
  fc.assert(
    fc.property(marked, ({ slide, ...marks }) => {
      const cores = slideWindows(slide, marks, MPP).map(({ core }) => core);
      const most = 5 * BLOCK;
      for (const [i, a] of cores.entries()) {
        assert.ok(a[0] >= 0 && a[1] >= 0 && a[2] <= slide.width && a[3] <= slide.height);
        assert.ok(a[0] < a[2] && a[1] < a[3] && a[2] - a[0] <= most && a[3] - a[1] <= most);
        for (const b of cores.slice(i + 1)) assert.ok(a[0] >= b[2] || a[2] <= b[0] || a[1] >= b[3] || a[3] <= b[1]);
      }
      const isCovered = (x: number, y: number) =>
        x < 0 || y < 0 || x >= slide.width || y >= slide.height || cores.some((core) => holds(core, x, y));
      for (const { box } of marks.boxes)
        for (const x of [box[0] - REACH, box[0], box[2], box[2] + REACH])
          for (const y of [box[1] - REACH, box[1], box[3], box[3] + REACH]) assert.ok(isCovered(x, y), `${box}`);
      for (let y = 0.5; y < slide.height; y += 37)
        for (let x = 0.5; x < slide.width; x += 37) {
          const complete = marks.regions.filter(({ kind }) => kind === "complete");
          if (regionAt(complete, x, y) === null) continue;
          for (const [dx, dy] of [[0, 0], [-REACH, 0], [REACH, 0], [0, -REACH], [0, REACH]]) // biome-ignore format: one line
            assert.ok(isCovered(x + dx, y + dy), `${x} ${y}`);
        }
    }),
  );
});

test("property: every cell is whole in one window, at its place; what another window answers for is ignored", () => {
  fc.assert(
    fc.property(marked, ({ slide, ...marks }) => {
      const windows = slideWindows(slide, marks, MPP);
      const seen = windows.flatMap(({ window, core, boxes }) =>
        boxes.map(({ id, box }) => {
          const [x1, y1, x2, y2] = box;
          assert.ok(x1 >= 0 && y1 >= 0 && x2 <= window.width && y2 <= window.height, "whole");
          const { box: before } = marks.boxes[id];
          assert.ok([x1 + window.x, y1 + window.y, x2 + window.x, y2 + window.y].every((v, i) => Math.abs(v - before[i]) < 1e-9));
          assert.ok(holds(core, ...centre(before)));
          return id;
        }),
      );
      assert.deepEqual(
        seen.sort((a, b) => a - b),
        marks.boxes.map(({ id }) => id),
      );
      for (const [i, { window, core, regions }] of windows.entries()) {
        const { x, y, width, height } = window;
        assert.ok(Object.values(window).every(Number.isInteger));
        assert.ok(x >= 0 && y >= 0 && x + width <= slide.width && y + height <= slide.height);
        assert.ok(x <= Math.max(0, core[0] - MARGIN) && x + width >= Math.min(slide.width, core[2] + MARGIN));
        for (let py = 0.31; py < height; py += 17)
          for (let px = 0.47; px < width; px += 17) {
            const [sx, sy] = [x + px, y + py];
            const isOthers = windows.some((other, k) => k !== i && holds(other.core, sx, sy));
            assert.equal(regionAt(regions, px, py), isOthers ? "ignore" : regionAt(marks.regions, sx, sy), `${sx} ${sy}`);
          }
      }
    }),
    { numRuns: 60 },
  );
});

test("without cells and complete regions there is no window; a region to ignore makes none", () => {
  const slide = { width: 5000, height: 5000 };
  const ignored: Region = { kind: "ignore", rings: [rectangleRing(0, 0, 5000, 5000)] };
  assert.deepEqual(slideWindows(slide, { boxes: [], regions: [ignored] }, MPP), []);
});

test("a long thin region makes windows along its outline, not over its bounds", () => {
  const slide = { width: 6400, height: 6400 };
  const strip: Region = { kind: "complete", rings: [[0, 0, 10, 0, 6400, 6390, 6400, 6400, 6390, 6400, 0, 10]] };
  const windows = slideWindows(slide, { boxes: [], regions: [strip] }, MPP);
  const area = windows.reduce((sum, { core }) => sum + (core[2] - core[0]) * (core[3] - core[1]), 0);
  assert.ok(area < 0.05 * 6400 * 6400, `${area}`);
});
