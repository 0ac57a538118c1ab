// Every check, on a subject in which exactly one thing is odd, and on one in which nothing is.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Box } from "../../geometry/box.ts";
import { type CheckName, checks, findOddities } from "./index.ts";
import { neighbours } from "./measures.ts";
import type { Picture, Subject, SubjectImage, SubjectMark } from "./subject.ts";

let line = 0;
const mark = (box: Box, more: Partial<SubjectMark> = {}): SubjectMark => ({
  box,
  label: "cell",
  hidden: false,
  file: "f.json",
  line: ++line,
  ...more,
});
const boxAt = (x: number, y: number, side = 20): Box => [x, y, x + side, y + side];

/** 25 cells in rows, none near another. */
const cells = (): SubjectMark[] =>
  Array.from({ length: 25 }, (_, i) => mark(boxAt(10 + 50 * (i % 5), 10 + 50 * Math.floor(i / 5))));
const picture: Picture = {
  fault: null,
  size: { width: 300, height: 300 },
  digest: null,
  colour: [200, 150, 180],
  contrast: 200,
};
const image = (name: string, more: Partial<SubjectImage> = {}): SubjectImage => ({
  name: `${name}.png`,
  size: { width: 300, height: 300 },
  group: name,
  split: "train",
  regions: [],
  marks: cells(),
  picture,
  file: "f.json",
  line: ++line,
  ...more,
});
const sound = (): SubjectImage[] =>
  ["case1 left", "case2 left", "case3 left", "case4 left", "case5 left"].map((name) => image(name));
const subject = (...more: SubjectImage[]): Subject => ({ images: [...sound(), ...more], faults: [] });
const withMarks = (...marks: SubjectMark[]): Subject => subject(image("odd", { marks: [...cells(), ...marks] }));
const all = { kind: "ignore" as const, rings: [[0, 0, 300, 0, 300, 300, 0, 300]] };
const corner = { kind: "ignore" as const, rings: [[260, 260, 300, 260, 300, 300, 260, 300]] };

/** For each check, what it finds in which subject. */
const odd: { readonly [name in CheckName]: readonly (readonly [Subject, RegExp])[] } = {
  unreadable: [[{ images: sound(), faults: [{ text: "bbox: is missing", file: "f.json", line: 3 }] }, /bbox: is missing/]],
  "image-files": [
    [subject(image("odd", { picture: { ...picture, fault: '"odd.png" is not in images' } })), /"odd\.png" is not in images/],
    [subject(image("odd", { picture: { ...picture, size: { width: 299, height: 300 } } })), /299×300 pixels, but 300×300/],
  ],
  "box-sizes": [
    [withMarks(mark(boxAt(270, 270, 3))), /of 3×3 pixels on "odd\.png": the median diameter is 20/],
    [withMarks(mark(boxAt(270, 20, 1))), /too small to be a cell/],
    [withMarks(mark([270, 20, 270, 40])), /has no area/],
    [
      { images: [image("odd", { marks: Array.from({ length: 25 }, (_, i) => mark(boxAt(i / 26, i / 26, 0.03))) })], faults: [] },
      /are these fractions of the image\?/,
    ],
  ],
  "outside-image": [[withMarks(mark(boxAt(400, 20))), /cell at \(410, 30\) on "odd\.png" of 300×300 pixels/]],
  duplicates: [
    [withMarks(mark(boxAt(10, 10))), /cell of 20×20 pixels on "odd\.png" at the same place/],
    [
      subject(image("odd", { marks: [...cells(), ...cells().map((cell) => ({ ...cell, label: "blast" }))] })),
      /blast and cell of 20×20/,
    ],
  ],
  "near-duplicates": [[withMarks(mark(boxAt(10.5, 10))), /overlaps another cell by 0\.951/]],
  "close-cells": [[withMarks(mark(boxAt(14, 10))), /4 pixels from another cell, 20 wide/]],
  labels: [
    [
      subject(image("odd", { marks: cells().map((cell) => ({ ...cell, label: "Cell " })) })),
      /"Cell " \(25\) is much like "cell" \(125\)/,
    ],
  ],
  "rare-classes": [[withMarks(mark(boxAt(270, 20), { label: "blast" })), /"blast" has 1/]],
  "shared-slides": [
    [
      subject(image("odd", { split: "test", group: "case1 left" })),
      /has the group "case1 left" of the training image "case1 left\.png"/,
    ],
    [
      subject(image("case7_tile1"), image("case7_tile2", { split: "test" })),
      /"case7_tile2\.png" has a name like the training image "case7_tile1\.png"/,
    ],
    [
      subject(
        image("odd", { picture: { ...picture, digest: "x" } }),
        image("even", { split: "test", picture: { ...picture, digest: "x" } }),
      ),
      /"even\.png" is the same file as the training image "odd\.png"/,
    ],
  ],
  "image-sizes": [
    [
      subject(image("odd", { size: { width: 600, height: 600 }, picture: null })),
      /"odd\.png" has 600×600 pixels, most have about 300×300/,
    ],
  ],
  "blank-pictures": [
    [
      subject(image("odd", { picture: { ...picture, contrast: 3 } })),
      /"odd\.png": its values differ by 3 of 255 at most, around 200 150 180/,
    ],
  ],
  colours: [
    [
      subject(image("odd", { picture: { ...picture, colour: [90, 150, 180] } })),
      /mean colour 90 150 180, the median is 200 150 180/,
    ],
  ],
  "empty-images": [[subject(image("odd", { marks: [] })), /"odd\.png"/]],
  "ignored-images": [[subject(image("odd", { marks: [], regions: [all] })), /"odd\.png"/]],
  "ignored-marks": [
    [
      subject(image("odd", { regions: [corner], marks: [...cells(), mark(boxAt(270, 270))] })),
      /cell at \(280, 280\) on "odd\.png"/,
    ],
  ],
  hidden: [
    [subject(image("odd", { marks: cells().map((cell) => ({ ...cell, hidden: true })) })), /all 25 cells are hidden/],
    [
      subject(image("odd", { split: "test", marks: [...cells(), mark(boxAt(270, 20), { hidden: true })] })),
      /test image with 1 hidden cells/,
    ],
  ],
};

test("nothing is odd where nothing is", () => {
  assert.deepEqual(findOddities(subject()), []);
  assert.deepEqual(findOddities({ images: [], faults: [] }), []);
});

for (const name of Object.keys(checks) as CheckName[])
  test(`${name} finds what is odd, and no other check does`, () => {
    for (const [where, text] of odd[name]) {
      const findings = findOddities(where);
      assert.deepEqual(
        findings.map(({ check }) => check),
        [name],
      );
      assert.match(findings[0].oddities[0].text, text);
      assert.equal(findings[0].oddities[0].file, "f.json");
    }
  });

test("any boxes, sizes and labels are checked without an error", () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const marks = fc.array(
    fc
      .tuple(fc.tuple(number, number, number, number), fc.string(), fc.boolean())
      .map(([box, label, hidden]) => mark(box, { label, hidden })),
    { maxLength: 12 },
  );
  const images = fc.array(
    fc.record({
      marks,
      name: fc.string(),
      split: fc.constantFrom("train" as const, "test" as const, null),
      size: fc.constantFrom(null, { width: 1, height: 9 }),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(images, (list) => {
      for (const { title, oddities } of findOddities({ images: list.map(({ name, ...more }) => image(name, more)), faults: [] }))
        assert.ok(title !== "" && oddities.every(({ text }) => text !== ""));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("property: neighbours are the pairs of all marks within reach, each once", () => {
  const number = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { maxLength: 40 }), fc.constantFrom(0, 1, 10, 60), (places, reach) => {
      const marks = places.map(([x, y]) => mark(boxAt(x, y)));
      const pairs = (list: Iterable<readonly [SubjectMark, SubjectMark]>) =>
        Array.from(list, ([a, b]) => [a.line, b.line].sort((x, y) => x - y).join()).sort();
      const centreOf = ({ box: [x1, y1, x2, y2] }: SubjectMark) => [(x1 + x2) / 2, (y1 + y2) / 2];
      const all = marks.flatMap((a, i) => marks.slice(i + 1).map((b) => [a, b] as const));
      const near = all.filter(([a, b]) => centreOf(a).every((value, axis) => Math.abs(value - centreOf(b)[axis]) <= reach));
      assert.deepEqual(pairs(neighbours(marks, reach)), pairs(near));
    }),
  );
});
