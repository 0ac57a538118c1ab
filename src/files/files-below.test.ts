import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { filesBelow } from "./files-below.ts";

const dir = mkdtempSync(join(tmpdir(), "files-below-"));
after(() => rmSync(dir, { recursive: true }));

test("files of the wanted kinds in all folders, sorted, without hidden ones", () => {
  mkdirSync(join(dir, "a/b.csv"), { recursive: true }); // a folder that is named as a file
  mkdirSync(join(dir, ".hidden"));
  for (const path of ["z.csv", "a/b.csv/1.CSV", "a/2.csv", "a/2.png", ".hidden/3.csv", "._z.csv", "csv"])
    writeFileSync(join(dir, path), "");
  assert.deepEqual(filesBelow(dir, { extensions: [".csv"], noun: "annotations" }), ["a/2.csv", "a/b.csv/1.CSV", "z.csv"]);
});

test("a missing folder, or a file in its place, is refused by name", () => {
  const read = (path: string) => () => filesBelow(path, { extensions: [".csv"], noun: "annotations" });
  assert.throws(read(join(dir, "none")), /none: cannot be read: no such file or directory; check the path of the annotations$/);
  writeFileSync(join(dir, "file.csv"), "");
  assert.throws(read(join(dir, "file.csv")), /file\.csv: cannot be read: not a directory; check the path of the annotations$/);
});

test("linked folders and files are found once; links to a parent folder and dangling links do no harm", () => {
  const [root, elsewhere] = [join(dir, "links"), join(dir, "elsewhere")];
  for (const folder of [join(root, "sub"), elsewhere]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(elsewhere, "1.csv"), "");
  symlinkSync(elsewhere, join(root, "there"));
  symlinkSync(elsewhere, join(root, "sub/again"));
  symlinkSync(join(elsewhere, "1.csv"), join(root, "2.csv"));
  symlinkSync("..", join(root, "sub/up"));
  symlinkSync(join(dir, "nothing"), join(root, "nothing.csv"));
  symlinkSync("itself.csv", join(root, "itself.csv"));
  const found = filesBelow(root, { extensions: [".csv"], noun: "annotations" });
  const once = found.filter((path) => !path.endsWith("/1.csv"));
  assert.deepEqual([once, found.length], [["2.csv", "itself.csv", "nothing.csv"], 4]);
  assert.ok(found.includes("sub/again/1.csv") !== found.includes("there/1.csv"), "by one of its two ways");
});

test("folders of the workbench's projects are passed over, unless they are what is asked for", (t) => {
  const root = mkdtempSync(join(tmpdir(), "files-below-"));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "sparsecell/thumbnails"), { recursive: true });
  for (const name of ["a.png", "sparsecell/thumbnails/b.png", "sparsecell/project.json"]) writeFileSync(join(root, name), "");
  const images = { extensions: [".png"], noun: "images" };
  assert.deepEqual(filesBelow(root, images), ["a.png", "sparsecell/thumbnails/b.png"]);
  writeFileSync(join(root, "sparsecell/actions.jsonl"), "");
  assert.deepEqual(filesBelow(root, images), ["a.png"]);
  assert.deepEqual(filesBelow(join(root, "sparsecell"), images), ["thumbnails/b.png"]);
});
