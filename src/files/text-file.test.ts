import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { TEXT_COST } from "./heap-room.ts";
import { readTextFile, textPieces } from "./text-file.ts";

const dir = mkdtempSync(join(tmpdir(), "text-file-"));
after(() => rmSync(dir, { recursive: true }));

const refused = (file: string, message: RegExp) =>
  assert.throws(() => readTextFile(file, TEXT_COST), { name: "UserError", message });

test("a byte order mark is not part of the text", () => {
  const file = join(dir, "mark.csv");
  for (const start of ["", "\ufeff"]) {
    writeFileSync(file, `${start}größe\n`);
    assert.equal(readTextFile(file, TEXT_COST), "größe\n");
  }
});

test("endless files and things that are not files are refused without being opened", {
  skip: process.platform === "win32",
}, () => {
  const pipe = join(dir, "pipe");
  execFileSync("mkfifo", [pipe]);
  symlinkSync(pipe, join(dir, "link"));
  mkdirSync(join(dir, "folder"));
  for (const name of ["pipe", "link"]) refused(join(dir, name), /: is not a regular file; pass a text file$/);
  refused("/dev/zero", /^\/dev\/zero: is not a regular file/);
  refused(join(dir, "folder"), /: is a folder; pass a text file$/);
  refused(join(dir, "none"), /: cannot be read: .*; check the path$/);
});

test("a file larger than a string can be is refused by its size", () => {
  const file = join(dir, "large.json");
  writeFileSync(file, "");
  truncateSync(file, 3e9); // a hole: takes no room
  refused(file, /: has 3000 MB: at most 536 MB of text can be read; cut it into smaller files$/);
});

test("the output of a command is read completely", { skip: process.platform === "win32" }, () => {
  const script = `import { readTextFile } from ${JSON.stringify(new URL("text-file.js", import.meta.url).href)};
    try { console.log(readTextFile(process.argv[1], { each: 1, more: {} }).length); } catch (error) { console.log(error.message); }`;
  const read = (command: string) =>
    execFileSync("bash", ["-c", `"$0" --input-type=module -e "$1" /dev/fd/3 3< <(${command})`, process.execPath, script], {
      encoding: "utf8",
      timeout: 60_000,
    }).trim();
  assert.equal(read("yes '[1]' | head -c 3000000"), "3000000");
  assert.equal(read("true"), "0");
  assert.match(read("cat /dev/zero"), /^\/dev\/fd\/3: is too long: at most 536 MB of text can be read/);
});

test("pieces are the same text, also where a character crosses their border", () => {
  const pieces = (content: string | Uint8Array) => {
    writeFileSync(join(dir, "pieces.txt"), content);
    return [...textPieces(join(dir, "pieces.txt"), TEXT_COST)].join("");
  };
  const text = `${"a".repeat((1 << 20) - 1)}é🔬${"b".repeat(1 << 20)}`;
  assert.equal(pieces(`\ufeff${text}`), text);
  assert.equal(pieces(""), "");
  assert.throws(() => pieces(Buffer.from([0x61, 0xff])), /pieces\.txt: is not UTF-8 text; save it as UTF-8/);
  assert.throws(() => pieces(Buffer.from([0x61, 0xc3])), /is not UTF-8 text/);
  assert.throws(() => [...textPieces(join(dir, "none.txt"), TEXT_COST)], /none\.txt: cannot be read: no such file/);
  assert.throws(() => [...textPieces(dir, TEXT_COST)], /: is a folder; pass a text file/);
});
