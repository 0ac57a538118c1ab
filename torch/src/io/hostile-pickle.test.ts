// Pickles that try to run something, to reach something outside, or to exhaust the reader's time and memory. Each is refused
// with a specific message, in the zip and the legacy format, and the file that the commands would create is never created.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { hostilePickles } from "./hostile-pickle.fixture.ts";
import * as p from "./pickle-assembler.ts";
import { parsePth } from "./pth.ts";
import { readWeights } from "./weight-file.ts";
import { WeightFileError } from "./weight-file-error.ts";
import { pthFile } from "./zip-assembler.ts";

const folder = mkdtempSync(join(tmpdir(), "pickle-"));
after(() => rmSync(folder, { recursive: true }));
const canary = join(folder, "canary");
const hostile = hostilePickles(canary);

const storages: [string, number, Buffer][] = [["0", 6, p.floats(1, 2, 3, 4, 5, 6)]];

for (const { what, bytes, message } of hostile) {
  test(`refuses ${what}`, () => {
    const start = performance.now();
    const zip = refusal(pthFile(bytes, { 0: storages[0][2] }));
    assert.match(zip, message);
    const legacy = refusal(p.legacyFile(bytes, storages));
    assert.ok(performance.now() - start < 10_000);
    for (const text of [zip, legacy]) assert.match(text, /^model\.pth: [^\p{C}]+$/u, "one printable line");
    assert.ok(!existsSync(canary));
  });
}

function refusal(file: Buffer): string {
  try {
    parsePth("model.pth", file);
  } catch (error) {
    assert.ok(error instanceof WeightFileError, String(error));
    return error.message;
  }
  assert.fail("was read");
}

test("there are many, and their names differ", () => {
  assert.ok(hostile.length >= 40);
  assert.equal(new Set(hostile.map(({ what }) => what)).size, hostile.length);
});

test("a bare pickle on disk is refused by name too", () => {
  const path = join(folder, "model.bin");
  writeFileSync(path, p.pickle(p.reduce(p.global("os", "system"), p.text(`touch ${canary}`))));
  assert.throws(() => readWeights(path), {
    name: "WeightFileError",
    message: /model\.bin: refused: the pickle names "os\.system"/,
  });
});
