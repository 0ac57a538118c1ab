import assert from "node:assert/strict";
import { test } from "node:test";
import { everywhere, polygonArea } from "../geometry/search-area.ts";
import { defaultConfig } from "../settings/detector.ts";
import { type Cells, detectSlide, type FinishedRow, type SlideDetectOptions } from "./detect-slide.ts";
import { knownLines, linesOf, madeFinder, madeSlide } from "./made-slide.fixture.ts";
import { rowBytes, rowFrom } from "./row-record.ts";
import { slideGrid } from "./slide-grid.ts";

async function rowsOf(slide: ReturnType<typeof madeSlide>, options: SlideDetectOptions = {}): Promise<FinishedRow[]> {
  const rows: FinishedRow[] = [];
  for await (const row of detectSlide(madeFinder, slide, options)) rows.push(row);
  return rows;
}

const cellsOf = (rows: readonly FinishedRow[]): Cells[] => rows.map(({ cells }) => cells);

for (const mpp of [0.5, 0.25])
  test(`every cell is found once, whatever the size of windows, at ${mpp} µm/px`, async () => {
    const slide = madeSlide({ mpp });
    for (const window of [320, 384, 640, 1024]) {
      const rows = await rowsOf(slide, { window });
      assert.deepEqual(linesOf(cellsOf(rows)), knownLines(slide.cells), `windows of ${window}`);
      assert.deepEqual(await rowsOf(slide, { window }), rows, "twice the same, in the same order");
    }
  });

test("a slide that fits into a window, and one narrower than a halo", async () => {
  for (const [width, height] of [
    [500, 300],
    [100, 3000],
    [3000, 72],
  ]) {
    const slide = madeSlide({ width, height });
    assert.deepEqual(linesOf(cellsOf(await rowsOf(slide, { window: 512 }))), knownLines(slide.cells));
  }
});

test("a search goes on after any row with the same rows", async () => {
  const slide = madeSlide({ seed: 2 });
  const rows = await rowsOf(slide, { window: 512 });
  assert.ok(rows.length > 3);
  for (const [i, row] of rows.entries()) {
    const after = rowFrom(rowBytes(row));
    assert.deepEqual(after, row, "as bytes and back");
    assert.deepEqual(await rowsOf(slide, { window: 512, after }), rows.slice(i + 1));
  }
});

test("only windows that touch the area are read, and only cells whose centre lies in it are given", async () => {
  const slide = madeSlide({ mpp: 0.25, width: 6000, height: 5000 });
  const area = polygonArea([
    [
      [300, 300, 1500, 300, 1500, 1400, 300, 1400],
      [700, 700, 1000, 700, 1000, 1000, 700, 1000],
    ],
    [[5000, 4000, 5900, 4100, 5400, 4900]],
  ]);
  const expected = knownLines(slide.cells.filter(({ x, y, width, height }) => area.holds(x + width / 2, y + height / 2)));
  assert.ok(expected.length > 300);
  for (const window of [320, 512, 1024]) {
    slide.reads = 0;
    let [windows, cells] = [0, 0];
    const onWindow: SlideDetectOptions["onWindow"] = ({ found }) => {
      windows++;
      cells += found;
    };
    assert.deepEqual(linesOf(cellsOf(await rowsOf(slide, { area, window, onWindow }))), expected);
    assert.equal(slide.reads, windows);
    assert.ok(windows < 0.4 * (3000 / (window - 256)) * (2500 / (window - 256)) + 8, `${windows} windows of ${window}`);
    assert.ok(cells >= expected.length);
  }
  const nothing = polygonArea([[[9000, 9000, 9100, 9000, 9100, 9100]]]);
  assert.deepEqual(await rowsOf(slide, { area: nothing }), []);
});

test("windows are as large as the area asks for", () => {
  const { input } = madeFinder.config;
  const slide = { path: "made.svs", width: 6000, height: 4000, mpp: { x: 0.5, y: 0.5, from: "made" } };
  const windowsIn = (...rings: number[][]) =>
    slideGrid(slide, input, polygonArea(rings.map((ring) => [ring]))).rows.map(({ windows }) =>
      windows.map(({ window: { x, y, width, height } }) => [x, y, width, height]),
    );
  assert.deepEqual(windowsIn([1000, 1000, 1060, 1000, 1060, 1050, 1000, 1050]), [[[832, 832, 384, 384]]]);
  const wide = windowsIn([100, 1010, 5900, 1010, 5900, 1700, 100, 1700]);
  assert.deepEqual(wide, [
    [
      [0, 832, 1408, 1024],
      [1152, 832, 1408, 1024],
      [2304, 832, 1408, 1024],
      [3456, 832, 1408, 1024],
      [4608, 832, 1392, 1024],
    ],
  ]);
  for (const window of [320, 640, 1024])
    for (const { windows } of slideGrid(slide, input, everywhere, { window }).rows)
      for (const { window: place } of windows) {
        assert.ok(place.height <= window && place.width <= window && place.x % 64 === 0 && place.y % 64 === 0);
        assert.ok(place.x + place.width <= slide.width && place.y + place.height <= slide.height);
      }
});

test("bad tiles are named with their row", async () => {
  const slide = madeSlide({ badTiles: (x, y) => (x === 0 && y > 0 ? ["b", "a"] : []) });
  const rows = await rowsOf(slide, { window: 512 });
  assert.deepEqual(
    rows.slice(0, 2).map(({ badTiles }) => badTiles),
    [[], ["a", "b"]],
  );
});

test("two windows are read ahead, none more, and a fault of the file ends the search", async () => {
  const slide = madeSlide({});
  let detected = 0;
  const finder = {
    config: madeFinder.config,
    detect: (...seen: Parameters<typeof madeFinder.detect>) => {
      detected++;
      assert.ok(slide.reads <= detected + 2);
      return madeFinder.detect(...seen);
    },
  };
  for await (const _ of detectSlide(finder, slide, { window: 512 }));
  const damaged = madeSlide({});
  const read = damaged.read.bind(damaged);
  damaged.read = (...args) => (damaged.reads > 4 ? Promise.reject(new RangeError("gone")) : read(...args));
  await assert.rejects(rowsOf(damaged, { window: 512 }), /gone/);
});

test("a scale that is unknown is a line that says how to give it", async () => {
  const refused = async (input: object, slide: ReturnType<typeof madeSlide>, options: SlideDetectOptions, message: RegExp) => {
    const finder = { ...madeFinder, config: { input: { ...defaultConfig.input, ...input } as typeof defaultConfig.input } };
    const first = detectSlide(finder, slide, options).next();
    await assert.rejects(first, { name: "UserError", message });
  };
  const resolution = { kind: "resolution", window: 448, mpp: 0.5, scale: 1 };
  await refused({}, madeSlide({}), {}, /^made\.svs: is a slide, and the model has no working resolution/);
  await refused(resolution, madeSlide({ mpp: null }), {}, /^made\.svs: does not say how many microns.*--mpp 0\.25/);
  await refused({ ...resolution, mpp: null }, madeSlide({}), {}, /^made\.svs: the model does not know.*--scale N/);
  await refused(resolution, madeSlide({}), { scale: 1000 }, /^made\.svs: would have 2000000×1500000 pixels.*--mpp/);
  const slide = madeSlide({ mpp: null });
  assert.deepEqual(linesOf(cellsOf(await rowsOf(slide, { scale: 0.5 }))), knownLines(slide.cells));
});
