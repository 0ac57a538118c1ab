import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Labels } from "../../data/labels.ts";
import { findAreas } from "./areas.ts";
import { maskCells } from "./cells.ts";

/** A mask from rows of digits; "." is background. */
function mask(...rows: string[]): Labels {
  const data = Uint32Array.from(rows.join(""), (c) => (c === "." ? 0 : Number.parseInt(c, 36)));
  return { width: rows[0].length, height: rows.length, data };
}

/** Rectangles of numbers on a large background. */
function drawn(...rectangles: [label: number, x1: number, y1: number, x2: number, y2: number][]): Labels {
  const [width, height] = [200, 120];
  const data = new Uint32Array(width * height);
  for (const [label, x1, y1, x2, y2] of rectangles)
    for (let y = y1; y < y2; y++) data.fill(label, y * width + x1, y * width + x2);
  return { width, height, data };
}

const brief = (labels: Labels) => maskCells("m.png", labels).cells.map(({ label, box }) => [label, ...box]);

test("cells that touch are told apart by their numbers; pixels that touch at a corner belong together", () => {
  const areas = findAreas(mask("11.22", "1.222", "3....", ".3..4"), 100);
  assert.deepEqual(
    areas?.map(({ label, box, pixels, x, y }) => [label, ...box, pixels, x, y]),
    [
      [1, 0, 0, 2, 2, 3, 2.5 / 3, 2.5 / 3],
      [2, 2, 0, 5, 2, 5, (3.5 * 3 + 4 * 2) / 5, 4.5 / 5],
      [3, 0, 2, 2, 4, 2, 1, 3],
      [4, 4, 3, 5, 4, 1, 4.5, 3.5],
    ].map(([label, ...rest], i) => (i === 1 ? [label, 2, 0, 5, 2, 5, (4 * 2 + 3.5 * 3) / 5, 1.1] : [label, ...rest])),
  );
});

test("as a flood fill finds them", () => {
  const masks = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .chain(([width, height]) =>
      fc
        .array(fc.nat(3), { minLength: width * height, maxLength: width * height })
        .map((values): Labels => ({ width, height, data: Uint32Array.from(values) })),
    );
  const key = (areas: readonly unknown[]) => areas.map((area) => JSON.stringify(area)).sort();
  fc.assert(
    fc.property(masks, (labels) => {
      const found = findAreas(labels, 1000)?.map(({ label, box, pixels }) => ({ label, box, pixels })) ?? [];
      assert.deepEqual(key(found), key(filled(labels)));
    }),
  );
});

function filled({ width, height, data }: Labels): object[] {
  const open = Uint32Array.from(data);
  const areas: object[] = [];
  for (let start = 0; start < open.length; start++) {
    const label = open[start];
    if (label === 0) continue;
    const stack = [start];
    const box = [Infinity, Infinity, 0, 0];
    let pixels = 0;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (open[at] !== label) continue;
      open[at] = 0;
      pixels++;
      const [x, y] = [at % width, Math.floor(at / width)];
      box.splice(0, 4, Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + 1), Math.max(box[3], y + 1));
      for (const dy of [-1, 0, 1])
        for (const dx of [-1, 0, 1])
          if (x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height) stack.push(at + dy * width + dx);
    }
    areas.push({ label, box, pixels });
  }
  return areas;
}

test("a number in parts: one cell when they are close, a cell each when they lie apart, without specks", () => {
  assert.deepEqual(brief(drawn([7, 10, 10, 30, 20], [7, 10, 22, 30, 32], [2, 30, 10, 40, 32])), [
    [2, 30, 10, 40, 32],
    [7, 10, 10, 30, 32],
  ]);
  const far = drawn([1, 0, 0, 20, 20], [1, 100, 50, 120, 70], [1, 60, 60, 62, 62], [2, 150, 0, 160, 10]);
  const { cells, split, specks } = maskCells("m.png", far);
  assert.deepEqual(
    [cells.map(({ label, x, y }) => [label, x, y]), split, specks],
    [
      [
        [1, 10, 10],
        [1, 110, 60],
        [2, 155, 5],
      ],
      1,
      1,
    ],
  );
});

test("pictures and masks of classes are refused", () => {
  const fault = (labels: Labels) => {
    try {
      maskCells("m.png", labels);
    } catch (error) {
      return (error as Error).message;
    }
    return "was read";
  };
  const [width, height] = [100, 100];
  const noise = Uint32Array.from({ length: width * height }, (_, i) => ((i * i * 31) % 251) + 1);
  assert.match(
    fault({ width, height, data: noise }),
    /^m\.png: has \d+ areas of equal numbers, most of a few pixels; it is a picture/,
  );
  assert.match(fault(drawn([255, 0, 0, 9, 9], [255, 50, 50, 60, 60])), /^m\.png: its numbers \(1\) are in 2 separate places, so/);
  const squares = (label: (i: number) => number) =>
    drawn(...Array.from({ length: 20 }, (_, i): Parameters<typeof drawn>[0] => [label(i), 10 * i, 0, 10 * i + 4, 4]));
  assert.match(fault(squares((i) => 1 + (i % 2))), /^m\.png: its numbers \(2\) are in 20 separate places/);
  assert.equal(brief(squares((i) => i + 1)).length, 20);
  assert.deepEqual(brief(drawn([255, 3, 4, 9, 9])), [[255, 3, 4, 9, 9]]);
  assert.deepEqual(brief(drawn()), []);
  assert.equal(
    findAreas(
      squares((i) => i + 1),
      19,
    ),
    null,
  );
});

test("another number than 0 as the background is refused", () => {
  const refused = (labels: Labels, message: RegExp) =>
    assert.throws(() => maskCells("m.png", labels), { name: "UserError", message });
  const cells: Parameters<typeof drawn> = [
    [1, 10, 10, 20, 20],
    [2, 50, 40, 60, 55],
  ];
  for (const background of [255, 1, 65_535, 3]) {
    const all = drawn([background, 0, 0, 200, 120], ...cells.map(([n, ...box]) => [n + 10, ...box] as (typeof cells)[0]));
    refused(all, new RegExp(`^m\\.png: the number ${background} is on 99 % of the pixels, .* which must be 0`));
  }
  const inverted = drawn([255, 0, 0, 200, 120], [0, 10, 10, 20, 20]);
  refused(inverted, /the number 255 is on 100 % of the pixels/);
  const halves = drawn([255, 0, 0, 90, 120], [255, 110, 0, 200, 120], [1, 90, 0, 110, 120]);
  refused(halves, /the number 255 is on 90 % of the pixels/);
  const frame = drawn([255, 0, 0, 200, 120], [0, 1, 1, 199, 119], ...cells);
  refused(frame, /the number 255 is on 3 % of the pixels/);
  const full = drawn([9, 0, 0, 199, 120], [1, 199, 0, 200, 120]);
  refused(full, /the number 9 is on 100 % of the pixels/);
  assert.equal(maskCells("m.png", drawn([1, 0, 0, 190, 120], [2, 195, 0, 200, 120])).cells.length, 2);
  assert.equal(maskCells("m.png", drawn([1, 0, 0, 20, 20], [1, 180, 100, 200, 120])).cells.length, 2);
});
