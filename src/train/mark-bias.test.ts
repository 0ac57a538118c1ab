import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../random.ts";
import { type FoundBesideMarks, markBias } from "./mark-bias.ts";

type Cell = Omit<FoundBesideMarks, "isMarked"> & { readonly x: number; readonly y: number };

/** Cells of any size and darkness anywhere on ten images of 500 × 500 pixels. */
function cellsOf(random: Random, perImage = 100): Cell[] {
  return Array.from({ length: 10 * perImage }, (_, i) => {
    const [x, y, side] = [random.uniform(0, 500), random.uniform(0, 500), random.uniform(20, 30)];
    return { image: i % 10, x, y, box: [x, y, x + side, y + side], darkness: random.uniform(0, 100) };
  });
}

/** Those cells are marked that come first. */
function first(part: number, cells: readonly Cell[], orderOf: (cell: Cell) => number): FoundBesideMarks[] {
  const keys = new Map(cells.map((cell) => [cell, orderOf(cell)]));
  const ordered = [...cells].sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
  return ordered.map((cell, i) => ({ ...cell, isMarked: i < part * cells.length }));
}

/** All that is found is a cell. */
const linesOf = (found: readonly FoundBesideMarks[]): string[] =>
  markBias(found, found.filter(({ isMarked }) => !isMarked).length);

test("marks at random are a fair sample, and those of some images alone look like the others", () => {
  for (let seed = 1; seed <= 20; seed++)
    for (const part of [0.03, 0.1, 0.5, 0.9]) {
      const random = new Random(seed);
      const cells = cellsOf(random);
      assert.deepEqual(linesOf(first(part, cells, () => random.uniform())), [], `${seed}, ${part}`);
      const lines = linesOf(first(part, cells, ({ image }) => image + random.uniform(0, 0.001)));
      assert.ok(lines.length === 1 && lines[0].startsWith("images are marked unevenly: on "), `${seed}, ${part}: ${lines}`);
    }
});

test("marked cells that look unlike the others are told, with what they are", () => {
  const random = new Random(1);
  const cells = cellsOf(random);
  const preferred = (value: (cell: Cell) => number) => (cell: Cell) => -value(cell) + random.uniform(0, 0.7); // not a rule
  const kinds: [RegExp, (cell: Cell) => number][] = [
    [/^the marked cells are darker than .*; mark some of the paler ones, too$/, ({ darkness }) => darkness / 100],
    [/^the marked cells are paler than .*; mark some of the darker ones, too$/, ({ darkness }) => -darkness / 100],
    [/^the marked cells are larger than .*; mark some of the smaller ones, too$/, ({ box }) => (box[2] - box[0]) / 10],
    [/^the marked cells are smaller than .*; mark some of the larger ones, too$/, ({ box }) => (box[0] - box[2]) / 10],
  ];
  for (const [line, value] of kinds)
    for (const part of [0.05, 0.2]) {
      const lines = linesOf(first(part, cells, preferred(value)));
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0], line);
    }
});

test("marks of one corner, or in clusters, lie side by side", () => {
  const cells = cellsOf(new Random(2));
  for (const marked of [
    first(0.1, cells, ({ x, y }) => Math.hypot(x, y)),
    first(0.1, cells, ({ x, y }) => Math.min(Math.hypot(x - 100, y - 300), Math.hypot(x - 400, y - 100))),
  ]) {
    const [line, ...more] = linesOf(marked);
    assert.match(
      line,
      /^marks lie side by side: the nearest cell of a marked one is marked in (7|8|9)\d of 100, by chance in \d+; if only/,
    );
    assert.deepEqual(more, []);
  }
});

test("few marks, or few others, say nothing", () => {
  const cells = cellsOf(new Random(3));
  assert.deepEqual(linesOf([]), []);
  assert.deepEqual(linesOf(first(0.019, cells, ({ darkness }) => -darkness)), []);
  assert.deepEqual(linesOf(first(0.981, cells, ({ darkness }) => -darkness)), []);
  assert.equal(linesOf(first(0.02, cells, ({ darkness }) => -darkness)).length, 1);
});

test("where nearly all cells are marked, what else is found is hardly a cell", () => {
  const cells = first(0.5, cellsOf(new Random(4)), ({ darkness }) => -darkness);
  assert.equal(markBias(cells, 250).length, 1);
  assert.deepEqual(markBias(cells, 249), []);
});
