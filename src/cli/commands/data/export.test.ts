// `data export`, `data patches` and `data view` as people run them.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { refuse, succeed } from "../../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-export-"));
after(() => rmSync(root, { recursive: true }));

before(() => {
  succeed(root, "data", "synth", "--kind", "ki67", "--images", "2", "--size", "96x96", "--seed", "3", "--out", "cells");
  succeed(root, "data", "sparsify", "cells", "--keep", "0.5", "--out", "sparse");
  const image = { id: 1, file_name: "ki67-0001.png", width: 96, height: 96 };
  const boxes = [0.9, 0.2].map((score, i) => ({ id: i + 1, image_id: 1, category_id: 1, bbox: [10 * i, 5, 20, 20], score }));
  writeFileSync(
    join(root, "found.json"),
    JSON.stringify({ images: [image], categories: [{ id: 1, name: "cell" }], annotations: boxes }),
  );
});

test("a dataset goes out and comes in again", () => {
  const { annotations } = JSON.parse(readFileSync(join(root, "cells", "annotations.json"), "utf8"));
  const out = succeed(root, "data", "export", "cells", "--format", "coco", "--out", "cells.json");
  assert.equal(out.stdout, `${annotations.length} boxes on 2 images: cells.json\n`);
  const back = ["data", "import", "--format", "coco", "--images", "cells/images", "--annotations", "cells.json", "--out", "back"];
  succeed(root, ...back);
  const read = (dir: string) => JSON.parse(readFileSync(join(root, dir, "annotations.json"), "utf8"));
  assert.deepEqual(read("back"), read("cells"));
});

test("hidden annotations are left out, which is said", () => {
  const out = succeed(root, "data", "export", "sparse", "--format", "voc", "--split", "train", "--out", "voc");
  assert.match(out.stderr, /^\d+ hidden annotations were left out; include them with --hidden include\n$/);
  assert.deepEqual(readdirSync(join(root, "voc")), ["ki67-0001.xml"]);
  const all = succeed(root, "data", "export", "sparse", "--format", "points-csv", "--hidden", "include", "--out", "all.csv");
  assert.match(all.stderr, /^\d+ hidden annotations look like all others there/);
  const { annotations } = JSON.parse(readFileSync(join(root, "cells", "annotations.json"), "utf8"));
  assert.equal(readFileSync(join(root, "all.csv"), "utf8").trim().split("\n").length - 1, annotations.length);
});

test("detections, from a score on", () => {
  const out = succeed(root, "data", "export", "found.json", "--format", "qupath", "--score", "0.5", "--out", "qupath");
  assert.equal(out.stdout, "1 boxes on 1 images: qupath\n");
  assert.deepEqual(readdirSync(join(root, "qupath")), ["ki67-0001.png.geojson"]);
});

test("the former name works and says so", () => {
  const out = succeed(root, "export", "cells", "--format", "coco", "--out", "former.json");
  assert.equal(out.stderr, '"export" of annotations is now "data export"; the old name still works\n');
  assert.match(out.stdout, /boxes on 2 images: former\.json\n$/);
});

test("patches and the page of them", () => {
  const cut = succeed(root, "data", "patches", "cells", "--size", "64x48", "--overlap", "16", "--out", "patches");
  assert.match(cut.stdout, /^images {6}12 in 2 groups\n[\s\S]*image size {2}64×48 \(12\)\n[\s\S]*wrote {7}patches\n$/);
  const view = succeed(root, "data", "view", "patches", "--images", "5", "--split", "train", "--out", "page.html");
  assert.equal(view.stdout, "5 of 6 images: page.html\n");
  assert.equal(readFileSync(join(root, "page.html"), "utf8").split('<figure class="picture">').length - 1, 5);
});

test("what is wrong is one line", () => {
  const to = ["--format", "coco", "--out", "new.json"];
  refuse(
    root,
    [["data", "export", "nowhere", ...to], /^nowhere: no such folder or file; check the path$/],
    [["data", "export", "cells", "--score", "0.5", ...to], /^cells: is a dataset, which has no scores; leave out --score$/],
    [["data", "export", "found.json", "--split", "test", ...to], /^found.json: is a file of detections; leave out --split$/],
    [["data", "export", "cells/annotations.json", ...to], /score: is missing; pass a file of detections, not of annotations$/],
    [
      ["data", "export", "cells", "--format", "coco", "--out", "cells/annotations.json"],
      /is the dataset's annotations file; choose another --out$/,
    ],
    [
      ["data", "export", "cells", "--format", "voc", "--out", "cells"],
      /^cells: already exists; choose another folder or remove it first$/,
    ],
    [
      ["data", "patches", "cells", "--size", "32", "--overlap", "32", "--out", "p"],
      /^an overlap of 32 pixels is too large for patches of 32×32/,
    ],
    [["data", "patches", "cells", "--size", "32", "--out", "cells"], /^cells: already holds a dataset/],
    [["data", "patches", "cells", "--size", "0", "--out", "p"], /It must be pixels or WIDTHxHEIGHT, for instance 512 or 640x480/],
    [["data", "view", "nowhere", "--out", "page2.html"], /^nowhere: no such folder; check the path$/],
  );
  for (const name of ["new.json", "p", "page2.html"]) assert.ok(!existsSync(join(root, name)), name);
});
