import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { elementAt, isDone, readElements, writeElements } from "./elements.ts";
import { parts } from "./submit.ts";

const root = mkdtempSync(join(tmpdir(), "elements-"));
after(() => rmSync(root, { recursive: true }));
const list = join(root, "elements.jsonl");

test("a list keeps its elements by their lines, and an element is done when all of its files are there", () => {
  const elements = ["a", "b\nc", "ü d"].map((name) => ({ name, command: ["run", name], files: [list, join(root, name)] }));
  writeElements(list, elements);
  assert.deepEqual(readElements(list), elements);
  assert.deepEqual(elementAt(list, 2), elements[2]);
  assert.equal(isDone(elements[0]), false);
  writeFileSync(join(root, "a"), "");
  assert.equal(isDone(elements[0]), true);
});

test("what is wrong is named with its line", () => {
  writeElements(list, [{ name: "a", command: ["run"], files: ["a"] }]);
  assert.throws(() => elementAt(list, 1), /elements\.jsonl: has 1 elements; expected an index from 0 to 0, got 1$/);
  writeFileSync(list, '{"name":"a","command":["run"],"files":["a"]}\n{"name":"b","command":[]}\n');
  assert.throws(
    () => readElements(list),
    /elements\.jsonl:2:1: command: has 0 items; .*; this is not a list of elements; submit again$/,
  );
  assert.throws(() => readElements(join(root, "none")), /none: cannot be read: no such file or directory/);
});

test("more elements than an array may have make several arrays", () => {
  assert.deepEqual(parts([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(parts([1, 2], 2), [[1, 2]]);
  assert.deepEqual(parts([], 2), []);
});
