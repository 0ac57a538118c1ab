import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Journal } from "./journal.ts";

const dir = mkdtempSync(join(tmpdir(), "journal-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "journal");

const recordsOf = (): string[] => {
  const journal = new Journal(file);
  const records = [...journal.records()].map(String);
  journal.close();
  return records;
};

test("records are read back; a file cut anywhere loses only its last", () => {
  const texts = ["one", "a second record", "x".repeat(5000)];
  const journal = new Journal(file);
  for (const text of texts) journal.append(Buffer.from(text));
  assert.deepEqual([...journal.records()].map(String), texts);
  journal.close();
  const whole = readFileSync(file);
  for (const length of [...Array(40).keys(), whole.length - 5000, whole.length - 1]) {
    writeFileSync(file, whole.subarray(0, length));
    const left = texts.slice(0, length < 11 ? 0 : length < 34 ? 1 : 2);
    assert.deepEqual(recordsOf(), left);
    assert.equal(
      statSync(file).size,
      left.reduce((sum, text) => sum + 8 + text.length, 0),
      "the torn end is cut off",
    );
    const more = new Journal(file);
    more.append(Buffer.from("more"));
    more.close();
    assert.deepEqual(recordsOf(), [...left, "more"]);
  }
});

test("zeros, other bytes and turned bits at the end are no records", () => {
  rmSync(file);
  const journal = new Journal(file);
  journal.append(Buffer.from("one"));
  journal.close();
  const { size } = statSync(file);
  for (const end of [Buffer.alloc(100), Buffer.alloc(100, 255), Buffer.from([3, 0, 0, 0, 1, 2, 3, 4, 9, 9, 9])]) {
    appendFileSync(file, end);
    assert.deepEqual(recordsOf(), ["one"]);
    assert.equal(statSync(file).size, size);
  }
  truncateSync(file, size - 1);
  appendFileSync(file, "x");
  assert.deepEqual(recordsOf(), []);
});

test("a journal that cannot be written is a line that names it", () => {
  assert.throws(() => new Journal(join(dir, "none", "journal")), /none\/journal: cannot be written: no such file or directory/);
});
