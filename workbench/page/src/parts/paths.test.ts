import assert from "node:assert/strict";
import { test } from "node:test";
import { withLocalPaths } from "./paths.ts";

test("what lies in the project is called by its place there, and an image by its name", () => {
  const project = { path: "/home/me/bone (2)", folder: "/home/me/bone (2)/sparsecell" };
  const local = (text: string) => withLocalPaths(text, project);
  assert.equal(
    local("$ sparsecell train /home/me/bone (2)/sparsecell/rounds/1/dataset --out /home/me/bone (2)/sparsecell/rounds/1/run\n"),
    "$ sparsecell train rounds/1/dataset --out rounds/1/run\n",
  );
  assert.equal(local("/home/me/bone (2)/inner/a.png: 12 cells"), "inner/a.png: 12 cells");
  assert.equal(local('"/home/me/bone (2)/a.png", --model=/home/me/bone (2)/b'), '"a.png", --model=b');
});

test("of a slide that was opened alone, too", () => {
  const project = { path: "/data/case.svs", folder: "/data/case.svs.sparsecell" };
  assert.equal(
    withLocalPaths("/data/case.svs: no tissue; /data/case.svs.sparsecell/rounds/1/run; /data/case.svs.old", project),
    "case.svs: no tissue; rounds/1/run; /data/case.svs.old",
  );
});

test("all other paths stay as they are", () => {
  const project = { path: "/data", folder: "/data/sparsecell" };
  const text = "/mnt/data/a.png https://host/data/sparsecell/x /data2/a.png ~/data/a.png loss 1.2";
  assert.equal(withLocalPaths(text, project), text);
});
