import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../../errors.ts";
import { readFiji } from "./read.ts";
import type { ResultsOptions } from "./results.ts";
import { type RoiSample, roiBytes, zipBytes } from "./roi.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "fiji-"));
after(() => rmSync(dir, { recursive: true }));

type Files = { readonly [name: string]: string | Uint8Array };

let folders = 0;
function readerOf(files: Files, { images = ["a.png", "b.tif"], ...options }: ResultsOptions & { images?: string[] } = {}) {
  const root = join(dir, String(++folders));
  for (const [name, content] of [
    ...images.map((name) => [`images/${name}`, ""] as const),
    ...Object.entries(files).map(([name, content]) => [`marks/${name}`, content] as const),
  ]) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  const [only, ...more] = Object.keys(files);
  const annotations = join(root, "marks", more.length === 0 ? only : "");
  return { root, read: () => readFiji({ images: join(root, "images"), annotations, ...options }) };
}
const read = (...args: Parameters<typeof readerOf>) => readerOf(...args).read();

function errorOf(...args: Parameters<typeof readerOf>): string {
  const { root, read } = readerOf(...args);
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll(`${root}/marks/`, "");
  }
  return assert.fail("was read");
}

const zip = (...rois: RoiSample[]) => zipBytes(Object.fromEntries(rois.map((roi, i) => [`${i}.roi`, roiBytes(roi)])));
const places = (...rois: RoiSample[]) =>
  read({ "a.zip": zip(...rois) }).images[0].marks.map(({ place, label }) => [
    label,
    ...(place.kind === "point" ? [place.x, place.y] : place.kind === "box" ? place.box : place.rings),
  ]);

const square: [number, number][] = [[10, 20], [14, 20], [14, 26], [10, 26]]; // biome-ignore format: one ring
const bounds = [20, 10, 26, 14] as const;
const ring = [10, 20, 14, 20, 14, 26, 10, 26];

test("ROIs: rectangles, ovals, polygons, points, with and without fractions", () => {
  const half = square.map(([x, y]): [number, number] => [x + 0.5, y + 0.25]);
  const read = places(
    { type: 1, bounds },
    { type: 1, bounds, fractions: true },
    { type: 0, bounds, points: square },
    { type: 7, bounds, points: half, fractions: true },
    { type: 8, bounds, points: square, group: 3 },
    { type: 10, bounds, points: square.slice(0, 2) },
    { type: 10, bounds, points: half.slice(0, 1), fractions: true },
    { type: 10, bounds, points: square.slice(0, 2), counters: [0, 258] },
    { type: 1, bounds: [40_000, 33_000, 40_010, 33_020] },
  );
  assert.deepEqual(read, [
    [null, 10, 20, 14, 26],
    [null, 10, 20, 14, 26],
    [null, ring],
    [null, ring.map((value, i) => value + (i % 2 === 0 ? 0.5 : 0.25))],
    ["group 3", ring],
    [null, 10.5, 20.5],
    [null, 14.5, 20.5],
    [null, 10.5, 20.25],
    ["counter 0", 10.5, 20.5],
    ["counter 2", 14.5, 20.5],
    [null, 33_000, 40_000, 33_020, 40_010],
  ]);
  const [[, oval]] = places({ type: 2, bounds });
  const [xs, ys] = [0, 1].map((axis) => (oval as number[]).filter((_, i) => i % 2 === axis));
  assert.deepEqual([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], [10, 20, 14, 26]);
});

test("a composite: rings that lie in each other are one cell, pieces that lie apart are several", () => {
  const path = [0, 0, 0, 1, 9, 0, 1, 9, 9, 4, 0, 3, 3, 1, 4, 3, 1, 4, 4, 4, 0, 50, 50, 1, 60, 50, 2, 65, 55, 60, 60, 4];
  const read = places({ type: 1, bounds: [0, 0, 60, 60], path });
  assert.deepEqual(
    read.map(([, ...rings]) => rings.length),
    [2, 1],
  );
  assert.deepEqual(read[0][1], [0, 0, 9, 0, 9, 9]);
  assert.deepEqual((read[1][1] as number[]).slice(-2), [60, 60]);
});

test("lines and arrows are unread, with their place; text over the image is skipped", () => {
  const { images, notes } = read({
    "a.zip": zip(
      { type: 3, bounds },
      { type: 3, subtype: 2, bounds },
      { type: 1, subtype: 1, bounds },
      { type: 11, bounds },
      { type: 0, bounds, points: square.slice(2) },
    ),
  });
  const place = { kind: "box", box: [10, 20, 14, 26] };
  assert.deepEqual(images[0].marks, []);
  assert.deepEqual(
    images[0].unread?.map((mark) => [mark.kind, mark.place]),
    ["line", "arrow", "ROI of type 11", "polygon of fewer than 3 points"].map((kind) => [kind, place]),
  );
  assert.deepEqual(notes, ["skipped 1 text or picture: only ROIs of cells are read"]);
});

test("which image ROIs belong to: by the archive's name, the folder's, or the only one", () => {
  const roi = roiBytes({ type: 1, bounds });
  const names = (files: Files, images?: string[]) =>
    read(files, { images }).images.map(({ name, marks }) => [name, marks.length]);
  const archive = zipBytes({ "x.roi": roi, "__MACOSX/._x.roi": roi, "y.txt": roi }, { stored: true });
  assert.deepEqual(names({ "RoiSet_a.zip": archive, "b-RoiSet.zip": archive }), [
    ["a", 1],
    ["b", 1],
  ]);
  assert.deepEqual(names({ "a/1.roi": roi, "a/2.roi": roi, "b.roi": roi }), [
    ["a", 2],
    ["b", 1],
  ]);
  assert.deepEqual(names({ "RoiSet.zip": archive }, ["c.png"]), [["c.png", 1]]);
  assert.deepEqual(names({ "RoiSet.zip": archive }), [["RoiSet", 1]]);
});

const rows = (...lines: string[]) => `${lines.join("\n")}\n`;
const points = rows(" ,Area,X,Y", ...[1, 2, 3, 4, 5].map((i) => `${i},0,${10 * i},${20 * i}`));

test("results: points, bounds, classes, several images; comma, tab and semicolon", () => {
  const brief = (files: Files, options = {}) =>
    read(files, options).images.map(({ name, marks }) => [
      name,
      ...marks.map(({ place, label, line }) => [
        label,
        line,
        ...(place.kind === "point" ? [place.x, place.y] : place.kind === "box" ? place.box : []),
      ]),
    ]);
  assert.deepEqual(brief({ "Results_a.csv": points })[0].slice(0, 3), ["a", [null, 2, 10, 20], [null, 3, 20, 40]]);
  const labelled = rows(
    " \tLabel\tType\tBX\tBY\tWidth\tHeight\tSlice",
    "1\ta.png:0001-0020\tmitosis\t1,5\t2\t3\t4\t1",
    '2\tb.tif\t"a ""b"""\t5\t6\t0\t0\t1',
  );
  assert.deepEqual(brief({ "all.csv": labelled }, { units: "pixels" }), [
    ["a.png", ["mitosis", 2, 1.5, 2, 4.5, 6]],
    ["b.tif", ['a "b"', 3, 5, 6]],
  ]);
  assert.deepEqual(brief({ "b.csv": " ;X;Y\n1;1,5;2\n" }, { units: "microns", mpp: 0.25 }), [["b", [null, 2, 6, 8]]]);
  assert.deepEqual(brief({ "b.csv": " ,X,Y\n" }), [["b"]]);
});

test("a table is read only when its places are certainly pixels", () => {
  const ask = /the table does not say whether its places are pixels \(.*\); pass --units pixels, or --units microns with --mpp$/;
  assert.match(errorOf({ "a.csv": points.replace("30,60", "30.5,60") }), /^a\.csv:4: the table .* \(30\.5 is not whole\)/);
  assert.match(errorOf({ "a.csv": rows(" ,X,Y", "1,5,6") }), ask);
  assert.match(
    errorOf({ "a.csv": points }, { units: "microns" }),
    /^a\.csv:1: places in microns need the size of a pixel; add --mpp$/,
  );
});

test("what is wrong is one line with the file, and the ROI or line", () => {
  const good = roiBytes({ type: 10, bounds, points: square });
  const roi = (bytes: Uint8Array) => errorOf({ "a.zip": zipBytes({ "x.roi": bytes }) });
  assert.equal(roi(good.subarray(0, 70)), "a.zip: x.roi: is a damaged or cut off ROI; save it again in Fiji");
  assert.equal(roi(good.subarray(0, 20)), "a.zip: x.roi: is not a ROI of Fiji, or is cut off; save it again in Fiji");
  assert.match(roi(roiBytes({ type: 0, bounds, points: [[Number.NaN, 1], [2, 2], [3, 1]], fractions: true })), /x\.roi: is a damaged/); // biome-ignore format: short
  assert.match(errorOf({ "a.zip": zip({ type: 1, bounds }).subarray(0, -5) }), /^a\.zip: is a damaged or cut off zip archive/);
  assert.match(errorOf({ "a.zip": zipBytes({}) }), /^a\.zip: has no \.roi file inside/);
  assert.match(errorOf({ "a.roi": "Iout" }), /^a\.roi: is not a ROI of Fiji/);
  const slices = [1, 2].map((position): RoiSample => ({ type: 1, bounds, position }));
  assert.match(
    errorOf({ "a.zip": zip(...slices) }),
    /^a\.zip: has a ROI of slice 2, and others of "a" are of slice 1; save each/,
  );
  assert.match(
    errorOf({ "a.zip": zip(slices[0]), "a.csv": points }),
    /^a\.csv: has cells of "a", and so has a\.zip; pass the ROIs or/,
  );
  const table = (text: string) => errorOf({ "a.csv": text }, { units: "pixels" });
  assert.match(table(" ,Area\n1,2\n"), /^a\.csv:1: the header has no columns X and Y/);
  assert.match(table(" ,X,Y\n1,2\n"), /^a\.csv:2: has 2 columns, but the header has 3/);
  assert.match(table(" ,X,Y\n1,2,?\n"), /^a\.csv:2: expected a number, got "\?"/);
  assert.match(table(" ,X,Y,Slice\n1,2,3,1\n2,2,4,2\n"), /^a\.csv:3: is of slice 2 and line 2 of slice 1 of "a"/);
  assert.match(table(""), /^a\.csv:1: is empty/);
});
