import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { GrowingFile } from "./growing-file.ts";

const dir = mkdtempSync(join(tmpdir(), "growing-file-"));
after(() => rmSync(dir, { recursive: true }));

test("whole lines, each once, also of letters that are cut in two; all again when the file was cut", () => {
  const path = join(dir, "log.jsonl");
  const file = new GrowingFile(path);
  assert.deepEqual(file.lines(), []); // not there yet
  const bytes = Buffer.from("one\ntwö\n");
  writeFileSync(path, bytes.subarray(0, 7));
  assert.deepEqual(file.lines(), ["one"]);
  assert.deepEqual(file.lines(), []);
  appendFileSync(path, bytes.subarray(7));
  assert.deepEqual(file.lines(), ["twö"]);
  writeFileSync(path, "new\n");
  assert.deepEqual(file.lines(), ["new"]);
});
