import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { replaceFile } from "./replace-file.ts";

const dir = mkdtempSync(join(tmpdir(), "replace-file-"));
after(() => rmSync(dir, { recursive: true }));
const skip = process.platform === "win32";
const text = (content: string): Uint8Array[] => [...content].map((letter) => Buffer.from(letter));
function folder(name: string): (file: string) => string {
  mkdirSync(join(dir, name));
  return (file) => join(dir, name, file);
}

test("a file is replaced as a whole or stays as it was, with nothing left beside it", () => {
  const at = folder("plain");
  replaceFile(at("a"), text("old"));
  replaceFile(at("a"), text("new one"));
  assert.equal(readFileSync(at("a"), "utf8"), "new one");
  const parts = function* () {
    yield Buffer.from("half");
    throw new RangeError("no more");
  };
  assert.throws(() => replaceFile(at("a"), parts()), RangeError);
  mkdirSync(at("full"));
  writeFileSync(at("full/file"), "");
  assert.throws(() => replaceFile(at("full"), text("x")), /EISDIR|ENOTEMPTY|EEXIST|EPERM/);
  assert.throws(() => replaceFile(at("none/a"), text("x")), /ENOENT/);
  assert.deepEqual([readFileSync(at("a"), "utf8"), readdirSync(at("."))], ["new one", ["a", "full"]]);
});

test("a link is replaced, and its target is not touched", { skip }, () => {
  const at = folder("links");
  writeFileSync(at("precious"), "mine");
  symlinkSync(at("precious"), at("link"));
  symlinkSync(at("precious"), at(`.other.${process.pid}.tmp`)); // as somebody would lay it who guesses our number
  replaceFile(at("link"), text("new"));
  replaceFile(at("other"), text("new"));
  assert.deepEqual(readdirSync(at(".")), ["link", "other", "precious"]);
  assert.deepEqual(
    ["link", "other", "precious"].map((name) => [lstatSync(at(name)).isFile(), readFileSync(at(name), "utf8")]),
    [
      [true, "new"],
      [true, "new"],
      [true, "mine"],
    ],
  );
});

test("pipes stay pipes, whatever their names in a shell", { skip }, () => {
  const at = folder("pipes");
  execFileSync("mkfifo", [at("named")]);
  const script = `import { replaceFile } from ${JSON.stringify(new URL("replace-file.js", import.meta.url).href)};
    replaceFile(process.argv[1], [Buffer.from("one "), Buffer.from("two")]);`;
  const bash = (line: string) =>
    execFileSync("bash", ["-c", line, process.execPath, script], { encoding: "utf8", timeout: 60_000, cwd: at(".") });
  const write = '"$0" --input-type=module -e "$1"';
  assert.equal(bash(`cat named & ${write} ${at("named")}; wait`), "one two");
  assert.ok(lstatSync(at("named")).isFIFO());
  assert.equal(bash(`${write} /dev/stdout | cat`), "one two");
  assert.equal(bash(`${write} /dev/fd/3 3> >(cat); sleep 0.2`), "one two");
  bash(`echo zero > file; ${write} /dev/stdout >> file`);
  assert.equal(readFileSync(at("file"), "utf8"), "zero\none two");
  assert.ok(existsSync("/dev/stdout") && !lstatSync("/dev/stdout").isFile());
  assert.deepEqual(readdirSync(at(".")), ["file", "named"]);
});
