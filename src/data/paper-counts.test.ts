import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dataset, DatasetImage } from "./dataset.ts";
import { paperCounts } from "./paper-counts.ts";

/** Images of a size, each with a number of mitoses, the first of them hidden, and with one hard negative. */
function datasetOf(images: readonly (readonly [fileName: string, width: number, height: number, cells: number])[]): Dataset {
  const annotation = (imageId: number, categoryId: number, hidden: boolean) => {
    return { imageId, categoryId, box: [0, 0, 32, 32] as const, hidden };
  };
  return {
    dir: "d",
    images: images.map(([fileName, width, height], i): DatasetImage => {
      return { id: i + 1, fileName, width, height, group: "03", split: "train" };
    }),
    annotations: images
      .flatMap(([, , , cells], i) => [
        ...Array.from({ length: cells }, (_, k) => annotation(i + 1, 1, k === 0)),
        annotation(i + 1, 2, false),
      ])
      .map((annotation, i) => ({ id: i + 1, ...annotation })),
    categories: [
      { id: 1, name: "mitosis" },
      { id: 2, name: "not mitosis", negative: true },
    ],
  };
}

const letters = ["a", "b", "c", "d"];
const frameName = (i: number): string => `H03/frames/x40/H03_${String(i >> 2).padStart(2, "0")}A${letters[i % 4]}.tiff`;

test("the paper's dataset shows no difference", () => {
  const frames = Array.from({ length: 393 }, (_, i) => [frameName(i), 1663, 1485, i < 350 ? 2 : 1] as const);
  const { expected, found, lines } = paperCounts(datasetOf(frames));
  assert.deepEqual(expected, { patches: 393, cells: 743, ofSize: 393 });
  assert.deepEqual(found, expected);
  assert.deepEqual(lines, [
    "                             paper       found  difference",
    "patches                        393         393           0",
    "mitoses                        743         743           0",
    "patches of 1663×1485           393         393           0",
  ]);
});

test("frames without a mitosis, Aperio frames and hard negatives do not count; other sizes are reported", () => {
  const { found, lines } = paperCounts(
    datasetOf([
      [frameName(0), 1663, 1485, 3],
      [frameName(1), 1663, 1485, 0],
      [frameName(2), 800, 800, 1],
      ["A03_00Aa.png", 1539, 1376, 2],
    ]),
  );
  assert.deepEqual(found, { patches: 2, cells: 4, ofSize: 1 });
  assert.match(lines[1], /^patches +393 +2 +-391$/);
  assert.equal(lines[4], "not counted: 1 Aperio frames; the paper uses the Hamamatsu ones");
});

test("the Ki-67 dataset, for which file names do not matter", () => {
  const images = Array.from({ length: 206 }, (_, i) => [`A03_00Aa.${i}.png`, 1920, 1080, i === 0 ? 527 : 100] as const);
  const { expected, found, lines } = paperCounts(datasetOf([["A03_00Aa.png", 1920, 1080, 1], ...images]), "ki67");
  assert.deepEqual(expected, { patches: 206, cells: 21025, ofSize: 206 });
  assert.deepEqual(found, { patches: 207, cells: 21028, ofSize: 207 });
  assert.deepEqual(lines.slice(2), [
    "cells                        21025       21028          +3",
    "patches of 1920×1080           206         207          +1",
  ]);
});
