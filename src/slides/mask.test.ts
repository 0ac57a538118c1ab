// Masks beside the same done pixel by pixel, at widths below, at and above those of their words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../random.ts";
import { maskOf } from "./mask.fixture.ts";
import { closed, countRun, grown, has, inverted, type Mask, pixelsIn, putRun, shrunk } from "./mask.ts";
import { filled, piecesWhere } from "./mask-pieces.ts";

const drawn = (...rows: string[]): Mask => maskOf(rows[0].length, rows.length, (x, y) => rows[y][x] === "#");

const holds = (mask: Mask, x: number, y: number): boolean =>
  x >= 0 && y >= 0 && x < mask.width && y < mask.height && has(mask, x, y);

/** Random masks, of few and of many pixels. */
function* masks(): Generator<Mask> {
  const random = new Random(5);
  for (const width of [1, 2, 31, 32, 33, 63, 64, 65, 97])
    for (const height of [1, 2, 9])
      for (const share of [0.02, 0.4, 0.6, 0.97]) yield maskOf(width, height, () => random.uniform() < share);
}

const NEAR = [
  [0, 0],
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
];
const CORNERS = [
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
];

const slowlyGrown = (mask: Mask, near: readonly number[][]): Mask =>
  maskOf(mask.width, mask.height, (x, y) => near.some(([dx, dy]) => holds(mask, x + dx, y + dy)));

test("masks grow in nearly round steps, shrink but at their border, and small holes are filled", () => {
  assert.deepEqual(
    grown(drawn(".....", ".....", "..#..", ".....", "....."), 2),
    drawn(".###.", "#####", "#####", "#####", ".###."),
  );
  assert.deepEqual(shrunk(drawn("###", "###", "##."), 1), drawn("###", "##.", "#.."));
  assert.deepEqual(filled(drawn("#####", "#.#.#", "#.###", "###.."), 2), drawn("#####", "#.###", "#.###", "###.."));
  assert.deepEqual(
    piecesWhere(drawn("##.#"), ({ pixels }) => pixels > 1),
    drawn("##.."),
  );
  assert.deepEqual(closed(drawn("#...#", "#...#", "#...#"), 2), drawn("#####", "#####", "#####"));
});

test("growing, inverting and counting are those of each pixel", () => {
  for (const mask of masks()) {
    const [four, eight] = [NEAR, [...NEAR, ...CORNERS]];
    assert.deepEqual(grown(mask, 1), slowlyGrown(mask, four));
    assert.deepEqual(grown(mask, 3), slowlyGrown(slowlyGrown(slowlyGrown(mask, four), eight), four));
    assert.deepEqual(
      inverted(mask),
      maskOf(mask.width, mask.height, (x, y) => !has(mask, x, y)),
    );
    let count = 0;
    for (let y = 0; y < mask.height; y++) {
      count += countRun(mask, y, 0, mask.width);
      for (const [from, to] of [
        [0, mask.width],
        [Math.floor(mask.width / 3), Math.ceil(mask.width / 2)],
        [mask.width - 1, mask.width],
      ]) {
        const run = Array.from({ length: to - from }, (_, i) => Number(has(mask, from + i, y)));
        assert.equal(
          countRun(mask, y, from, to),
          run.reduce((sum, value) => sum + value, 0),
        );
        const before = (x: number, row: number) => has(mask, x, row) || (row === y && x >= from && x < to);
        const more = { ...mask, words: mask.words.slice() };
        putRun(more, y, from, to);
        assert.deepEqual(more, maskOf(mask.width, mask.height, before));
      }
    }
    assert.equal(pixelsIn(mask), count);
  }
});

test("pieces are what four neighbours connect, with their pixels, their touch of the border and what they have of other masks", () => {
  for (const mask of masks()) {
    const other = maskOf(mask.width, mask.height, (x, y) => (x + y) % 3 === 0);
    const found: string[] = [];
    const same = piecesWhere(
      mask,
      ({ pixels, touchesBorder, within: [inOther] }) => found.push(`${pixels} ${touchesBorder} ${inOther}`) > 0,
      [other],
    );
    assert.deepEqual(same, mask);
    assert.deepEqual(found, slowPieces(mask, other));
    assert.equal(pixelsIn(piecesWhere(mask, () => false)), 0);
  }
});

/** By filling from each pixel that is not yet in a piece, row by row. */
function slowPieces(mask: Mask, other: Mask): string[] {
  const seen = new Set<string>();
  const pieces: string[] = [];
  for (let y = 0; y < mask.height; y++)
    for (let x = 0; x < mask.width; x++) {
      let [pixels, inOther, touchesBorder] = [0, 0, false];
      const stack = [[x, y]];
      for (let at = stack.pop(); at; at = stack.pop()) {
        const [px, py] = at;
        if (!holds(mask, px, py) || seen.has(`${px} ${py}`)) continue;
        seen.add(`${px} ${py}`);
        pixels++;
        inOther += Number(has(other, px, py));
        touchesBorder ||= px === 0 || py === 0 || px === mask.width - 1 || py === mask.height - 1;
        for (const [dx, dy] of NEAR) stack.push([px + dx, py + dy]);
      }
      if (pixels > 0) pieces.push(`${pixels} ${touchesBorder} ${inOther}`);
    }
  return pieces;
}
