import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { UserError } from "../../errors.ts";
import { FaultyMarks } from "../faulty-marks.ts";
import { readCsvPoints } from "./rows.ts";

const dir = mkdtempSync(join(tmpdir(), "points-csv-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "points.csv");

function read(content: string) {
  writeFileSync(file, content);
  return readCsvPoints(file, new FaultyMarks({}));
}

function errorOf(content: string): string {
  try {
    read(content);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replace(file, "FILE");
  }
  return assert.fail("was read");
}

test("points with their lines", () => {
  assert.deepEqual(read("image,x,y\na.png,1,2.5\n\nb,-3e1,.5\n"), {
    points: [
      { line: 2, image: "a.png", x: 1, y: 2.5, label: null },
      { line: 4, image: "b", x: -30, y: 0.5, label: null },
    ],
    faultyImages: [],
    ignoredColumns: [],
  });
  assert.deepEqual(read("image,x,y"), { points: [], faultyImages: [], ignoredColumns: [] });
});

test("columns in any order, other columns, labels, quotes, and habits of spreadsheets", () => {
  const points = [{ line: 2, image: 'a "1", b.png', x: 1.5, y: 2, label: "mitosis" }];
  assert.deepEqual(read('\ufeffY, Label ,score,X,Image\r\n2,mitosis,9,1.5, "a ""1"", b.png" \r\n'), {
    points,
    faultyImages: [],
    ignoredColumns: ["score"],
  });
  assert.deepEqual(read('image;x;y;label\n"a ""1"", b.png";1,5;2;"mitosis"').points, points);
  assert.deepEqual(read("image\tx\ty\tlabel\na b\t1\t2\tx y").points, [{ line: 2, image: "a b", x: 1, y: 2, label: "x y" }]);
});

test("every error names its line", () => {
  const cases: [string, string][] = [
    ["", "FILE:1: is empty; expected the header image,x,y or image,x,y,label"],
    ["\n\n", "FILE:1: is empty; expected the header image,x,y or image,x,y,label"],
    ["a.png,1,2\n", 'FILE:1: the header has no column "image"; expected image,x,y or image,x,y,label'],
    ["\nimage,x\n", 'FILE:2: the header has no column "y"; expected image,x,y or image,x,y,label'],
    ["image,x,y,X\n", 'FILE:1: the header has the column "x" twice'],
    ["image,x,y\na,1,2\na,1\n", "FILE:3: has 2 columns, but the header has 3; correct the line"],
    ["image,x,y\r\n\r\na,1,2,3\r\n", "FILE:3: has 4 columns, but the header has 3; correct the line"],
    ["image,x,y\na,1,2\n,1,2", 'FILE:3: the column "image" is empty; correct or remove the line'],
    ["image,x,y,label\na,1,2,\n", 'FILE:2: the column "label" is empty; correct or remove the line'],
    [
      'image,x,y\na,1,2\n"a,1,2\n',
      'FILE:3: a quotation mark is not closed or is inside a field; double it ("") in a quoted field',
    ],
    ['image,x,y\na"b,1,2\n', 'FILE:2: a quotation mark is not closed or is inside a field; double it ("") in a quoted field'],
  ];
  for (const number of ["NaN", "", "1px", "Infinity", "0x10", "1e999", "1 2", "--1", "."])
    cases.push([
      `image,x,y\na,1,2\na,1,${number}\n`,
      `FILE:3: y: expected a number, got "${number}"; correct or remove the line`,
    ]);
  for (const [content, message] of cases) assert.equal(errorOf(content), message);
  writeFileSync(file, Uint8Array.of(0xff, 0xfe, 0x69, 0));
  assert.throws(() => readCsvPoints(file, new FaultyMarks({})), /points\.csv: is not UTF-8 text; save it as UTF-8/);
  assert.throws(
    () => readCsvPoints(join(dir, "none.csv"), new FaultyMarks({})),
    /none\.csv: cannot be read: no such file or directory; check the path/,
  );
});

test("any quoted text is read back unchanged", () => {
  const field = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
    .filter((text) => !/[\r\n]/.test(text) && text.trim() === text);
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 4 }), fc.constantFrom(",", ";", "\t"), (names, separator) => {
      const rows = names.map((name) => [`"${name.replaceAll('"', '""')}"`, "1", "2"].join(separator));
      assert.deepEqual(
        read([["image", "x", "y"].join(separator), ...rows].join("\n")).points.map(({ image }) => image),
        names,
      );
    }),
  );
});
