import assert from "node:assert/strict";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { requireOutFile } from "./out-file.ts";

const dir = mkdtempSync(join(tmpdir(), "out-file-"));
after(() => rmSync(dir, { recursive: true }));
const at = (name: string): string => join(dir, name);

test("an output may be new or an old output, but no input, folder or image", { skip: process.platform === "win32" }, () => {
  for (const name of ["model", "old.json", "a.png"]) writeFileSync(at(name), name);
  linkSync(at("model"), at("twin"));
  symlinkSync(at("model"), at("link"));
  symlinkSync("loop", at("loop"));
  mkdirSync(at("folder"));
  const inputs = ["none", "loop", "model", "folder"].map(at);
  for (const name of ["new.json", "old.json", "loop", "none"]) requireOutFile(at(name), inputs);
  requireOutFile("/dev/null", ["/dev/null"]);
  assert.throws(() => requireOutFile(at("model"), inputs), /^UserError: .*model: is an input of this command; pass another/);
  for (const name of ["twin", "link"])
    assert.throws(() => requireOutFile(at(name), inputs), new RegExp(`${name}: is .*model, an input of this command`));
  assert.throws(() => requireOutFile(at("folder"), []), /folder: is a folder; pass the name of a file to --out/);
  assert.throws(() => requireOutFile(`${at("new")}/`, []), /is a folder/);
  for (const name of ["a.png", "other.JPEG", "b.tif"])
    assert.throws(() => requireOutFile(at(name), []), /is named like an image, but is the file to write/);
});
