import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readJsonFile } from "./file.ts";
import {
  anyFlag,
  anyText,
  either,
  listOf,
  numberIn,
  objectOf,
  oneOf,
  optional,
  orNull,
  requireShape,
  type Shape,
} from "./shape.ts";

const dir = mkdtempSync(join(tmpdir(), "json-shape-"));
after(() => rmSync(dir, { recursive: true }));

const faultOf = (shape: Shape, value: unknown): string | null => {
  const fault = shape(value);
  return fault && `${fault.path.join(".")}: ${fault.message}`;
};

test("single values", () => {
  const cases: [Shape, unknown, string | null][] = [
    [numberIn(), -1.5, null],
    [numberIn(), "1", ': expected a finite number, got "1"'],
    [numberIn(), Number.NaN, ": expected a finite number, got null"],
    [numberIn({ least: 0, most: 1 }), 1, null],
    [numberIn({ least: 0, most: 1 }), 1.1, ": expected a finite number from 0 to 1, got 1.1"],
    [numberIn({ least: 1, whole: true }), 2.5, ": expected a whole number of at least 1, got 2.5"],
    [anyText, "", null],
    [anyText, undefined, ": is missing; expected text"],
    [anyFlag, 1, ": expected true or false, got 1"],
    [oneOf("a", 2, null), null, null],
    [oneOf("a", 2), "2", ': expected "a" or 2, got "2"'],
    [orNull(anyText), null, null],
    [orNull(anyText), undefined, ": is missing; expected text"],
    [optional(anyText), undefined, null],
    [optional(anyText), null, ": expected text, got null"],
    [either(oneOf("all"), numberIn()), "all", null],
    [either(oneOf("all"), numberIn()), 3, null],
    [either(oneOf("all"), numberIn()), "some", ': expected a finite number, got "some"'],
  ];
  for (const [shape, value, expected] of cases) assert.equal(faultOf(shape, value), expected);
});

test("errors in lists and objects have a path", () => {
  const shape = objectOf({ rows: listOf(objectOf({ id: numberIn() }), { least: 1, most: 2 }) });
  assert.equal(faultOf(shape, { rows: [{ id: 1, more: "" }], other: 1 }), null);
  assert.equal(faultOf(shape, { rows: [{ id: 1 }, { id: [] }] }), "rows.1.id: expected a finite number, got []");
  assert.equal(faultOf(shape, { rows: [] }), "rows: has 0 items; expected 1 to 2");
  assert.equal(faultOf(shape, { rows: {} }), "rows: expected a list, got an object");
  assert.equal(faultOf(shape, []), ": expected an object, got []");
  assert.equal(faultOf(objectOf({ constructor: anyText }), {}), "constructor: is missing; expected text");
});

test("an error in a file has its line and a remedy", () => {
  const file = join(dir, "a.json");
  writeFileSync(file, '{\n "a": [1,\n  "2"]\n}');
  const hint = "write it again";
  const message = `${file}:3: a[1]: expected a finite number, got "2"; write it again`;
  assert.throws(() => requireShape(readJsonFile(file), objectOf({ a: listOf(numberIn()) }), hint), {
    name: "UserError",
    message,
  });
  assert.deepEqual(requireShape(readJsonFile(file), objectOf({}), hint), { a: [1, "2"] });
});
