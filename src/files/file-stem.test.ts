import assert from "node:assert/strict";
import { test } from "node:test";
import { fileStems, innerPaths } from "./file-stem.ts";

test("absolute paths lose the folders that all of them share, relative ones keep theirs", () => {
  assert.deepEqual(innerPaths(["/data/slides/a.png", "/data/slides/b/c.png"]), ["a.png", "b/c.png"]);
  assert.deepEqual(innerPaths(["/data/slides/a.png"]), ["a.png"]);
  assert.deepEqual(innerPaths(["C:\\slides\\a.png", "C:\\other\\b.png"]), ["slides/a.png", "other/b.png"]);
  assert.deepEqual(innerPaths(["slides/a.png", "slides/b.png"]), ["slides/a.png", "slides/b.png"]);
  assert.deepEqual(innerPaths(["/x/y/a.png", "y/b.png", "../c.png"]), ["x/y/a.png", "y/b.png", "c.png"]);
  assert.deepEqual(fileStems(["/x/y/a.png", "/x/y/a.tif", "/x/y/b.png"]), ["a.png", "a.tif", "b"]);
  assert.deepEqual(innerPaths([]), []);
  assert.throws(() => innerPaths(["/a.png", "a.png"]), /the images "\/a.png" and "a.png" would both become "a.png"; rename/);
});
