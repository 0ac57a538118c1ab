import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { imagesAt } from "./image-paths.ts";

const root = mkdtempSync(join(tmpdir(), "image-paths-"));
after(() => rmSync(root, { recursive: true }));
const at = (path: string): string => join(root, path);

for (const folder of ["a/deep", "b", "empty"]) mkdirSync(at(folder), { recursive: true });
for (const file of ["a/1.png", "a/deep/2.TIF", "a/notes.txt", "b/1.png", "3.jpg"]) writeFileSync(at(file), "");

test("files by their paths, a folder's images by their paths below it, in the order given", () => {
  assert.deepEqual(imagesAt([at("3.jpg"), at("a")]), [
    { file: at("3.jpg"), name: at("3.jpg") },
    { file: at("a/1.png"), name: "1.png" },
    { file: at("a/deep/2.TIF"), name: "deep/2.TIF" },
  ]);
  assert.deepEqual(imagesAt([at("a/notes.txt")]), [{ file: at("a/notes.txt"), name: at("a/notes.txt") }]); // reading it says what it is
});

test("what is missing, empty or ambiguous is one line", () => {
  const refused = (paths: string[], message: string) => assert.throws(() => imagesAt(paths), { name: "UserError", message });
  refused([at("none")], `${at("none")}: no such file or folder; check the path`);
  refused([at("empty")], `${at("empty")}: has no slides and no PNG, JPEG or TIFF images; pass a folder that has some, or files`);
  refused([at("a"), at("a/1.png")], `${at("a/1.png")}: is given twice; pass it once`);
  refused(
    [at("a"), at("b")],
    `${at("a/1.png")} and ${at("b/1.png")} would both be "1.png" in the output; pass the folder above both, or one at a time`,
  );
});
