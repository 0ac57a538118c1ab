// Pictures that leave something open, from import to prediction: training and prediction see the same pixels.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { tiff } from "../../data/tiff.fixture.ts";
import { refuse, succeed, tiny } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-pixels-"));
after(() => rmSync(root, { recursive: true }));

const [width, height] = [64, 64];
const page = (seed: number) => {
  const values = Uint16Array.from({ length: width * height }, (_, i) => (i * seed) % 4000);
  return { width, height, values };
};

const importing = ["data", "import", "--format", "points-csv", "--images", "stacks", "--annotations", "cells.csv"];

before(() => {
  mkdirSync(join(root, "stacks"));
  for (const name of ["a", "b"]) writeFileSync(join(root, "stacks", `${name}.tif`), tiff(page(37), page(53), page(71)));
  writeFileSync(join(root, "cells.csv"), "image,x,y\na,30,30\nb,20,40\n");
});

test("import refuses what is open, takes the options, and says what was chosen", () => {
  refuse(
    root,
    [[...importing, "--out", "no"], /a\.tif: has 3 pages .* --page 1, or three as .* --channels 1,2,3/],
    [[...importing, "--page", "2", "--out", "no"], /greatest value is 39\d\d of 65535.* --range 0:4095/],
  );
  const { stdout } = succeed(root, ...importing, "--page", "2", "--range", "0:4095", "--out", "data");
  assert.match(stdout, /\npixels {7}page 2, values 0:4095 as 0 to 255 \(2 images\)\n/);
  assert.match(succeed(root, "data", "info", "data").stdout, /\npixels {6}page 2, values 0:4095 as 0 to 255 \(2 images\)\n/);
  succeed(root, "data", "view", "data", "--out", "data.html");
  assert.match(readFileSync(join(root, "data.html"), "utf8"), /<span>page 2, values 0:4095 as 0 to 255<\/span>/);
});

test("a model predicts on files as it was trained, unless told otherwise", () => {
  succeed(root, "train", "data", ...tiny, "--steps", "1", "--out", "run");
  const predicted = (out: string, ...args: string[]) => {
    const { stderr } = succeed(root, "predict", "--model", "run", "--score", "0", "--out", out, ...args);
    return { stderr, text: readFileSync(join(root, out), "utf8") };
  };
  const files = predicted("files.json", "stacks");
  assert.match(files.stderr, /^pixels: page 2, values 0:4095 as 0 to 255 \(2 images\)$/m);
  assert.equal(files.text, predicted("data.json", "--data", "data").text);
  const other = predicted("other.json", "--page", "3", "stacks");
  assert.match(other.stderr, /^pixels: page 3, values 0:4095 as 0 to 255 \(2 images\)$/m);
  assert.notEqual(other.text, files.text);
  refuse(root, [
    ["predict", "--model", "run", "--data", "data", "--page", "1", "--out", "no.json"],
    /--page, --channels and --range are for files; a dataset records how its images are read/,
  ]);
});

test("wrong options are one line that says what is right", () => {
  const wanted = [...importing, "--out", "no"];
  refuse(
    root,
    [[...wanted, "--channels", "1,2"], /--channels .*It must be one number, or three such as 1,2,3, from 1 on/],
    [[...wanted, "--range", "9:1"], /--range .*two numbers such as 0:4095, or two percentiles/],
    [[...wanted, "--page", "0"], /--page/],
  );
});
