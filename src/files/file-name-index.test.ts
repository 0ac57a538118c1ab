import assert from "node:assert/strict";
import { test } from "node:test";
import { FileNameIndex, normalPath, withoutExtension } from "./file-name-index.ts";

function index(...paths: string[]) {
  const files = new FileNameIndex(paths, (path) => path);
  return (name: string) => files.find(name);
}

test("a name matches with and without extension and folders", () => {
  const find = index("a.png", "sub/b.c.tif");
  for (const name of ["a.png", "a", "images/a.png", "C:\\data\\a.png", "./a", "/data/images//a.png"])
    assert.deepEqual(find(name), ["a.png"], name);
  for (const name of ["b.c.tif", "b.c", "sub/b.c", "x/sub/b.c.tif", "./sub/./b.c"])
    assert.deepEqual(find(name), ["sub/b.c.tif"], name);
  for (const name of ["b", "a.tif", "other/b.c.tif", "aa.png", "png", ""]) assert.deepEqual(find(name), [], name);
});

test("an ambiguous name gives all its files, a longer path the nearest", () => {
  const find = index("a.png", "a.jpg", "1/t.png", "2/t.png", "t.png");
  assert.deepEqual(find("a"), ["a.png", "a.jpg"]);
  assert.deepEqual(find("t.png"), ["t.png"]);
  assert.deepEqual(find("data/1/t.png"), ["1/t.png"]);
  assert.deepEqual(find("data/3/t.png"), ["t.png"]);
  assert.deepEqual(index("1/t.png", "2/t.png")("t"), ["1/t.png", "2/t.png"]);
});

test("paths", () => {
  assert.deepEqual(["a.b.png", "x.y/a", ".hidden", "d/.hidden"].map(withoutExtension), ["a.b", "x.y/a", ".hidden", "d/.hidden"]);
  assert.deepEqual([".\\a\\b", "././a", "a/./b", "a..b/c", "../a"].map(normalPath), ["a/b", "a", "a/b", "a..b/c", "../a"]);
});

test("accents match whether composed or decomposed, as on a Mac", () => {
  const [together, apart] = ["caf\u00e9.png", "cafe\u0301.png"];
  assert.deepEqual([index(apart)(together), index(together)(apart)], [[apart], [together]]);
  assert.deepEqual(index("cafe.png")(together), []);
});
