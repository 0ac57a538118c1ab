// The command line of `data`, in processes of its own: what goes to stdout and stderr, and with which exit code.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";

const root = mkdtempSync(join(tmpdir(), "cli-data-"));
after(() => rmSync(root, { recursive: true }));

const main = `
  import { Command } from ${JSON.stringify(import.meta.resolve("commander"))};
  import { dataCommand } from ${JSON.stringify(import.meta.resolve("./data.js"))};
  try {
    await new Command("sparsecell").addCommand(dataCommand()).parseAsync();
  } catch (error) {
    if (error.name !== "UserError") throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
`;

function data(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["main.mjs", "data", ...args], { cwd: root, encoding: "utf8" });
  return { status, stdout, stderr };
}

const importArgs = ["import", "--format", "points-csv", "--images", "images", "--annotations", "points.csv"];

before(async () => {
  writeFileSync(join(root, "main.mjs"), main);
  mkdirSync(join(root, "images"));
  const rows = ["image,x,y"];
  for (const name of ["p1_a", "p1_b", "p2_a", "p3_a"]) {
    writeFileSync(
      join(root, "images", `${name}.png`),
      await sharp({ create: { width: 64, height: 64, channels: 3, background: "#ffffff" } })
        .png()
        .toBuffer(),
    );
    for (let i = 0; i < 5; i++) rows.push(`${name},${10 * i + 10},32`);
  }
  writeFileSync(join(root, "points.csv"), `${rows.join("\n")}\n`);
});

test("import, split, sparsify and info, one after the other", () => {
  const imported = data(...importArgs, "--box", "12", "--group-pattern", "p(\\d)", "--out", "cells");
  assert.deepEqual(
    [imported.status, imported.stdout],
    [0, "images       4 found, 4 imported\ngroups       3\nannotations  20 read, 20 kept\nwrote        cells\n"],
  );
  assert.match(imported.stderr, /^reading/);

  const split = data("split", "cells", "--folds", "3", "--fold", "1", "--seed", "5", "--out", "fold");
  assert.equal(split.status, 0, split.stderr);
  assert.match(
    split.stdout,
    /\ntest {8}1 image in 1 group, 5 annotations; per image 5 to 5, median 5\n[\s\S]*\nwrote {7}fold\n$/,
  );

  const sparse = data("sparsify", "fold", "--keep", "0.2", "--seed", "5", "--out", "sparse");
  assert.equal(sparse.status, 0, sparse.stderr);
  assert.match(sparse.stdout, /\ntrain {7}3 images in 2 groups, 3 annotations visible and 12 hidden \(20\.0 % visible\)/);

  const info = data("info", "sparse", "--json");
  assert.deepEqual([info.status, info.stderr], [0, ""]);
  const { images, splits } = JSON.parse(info.stdout);
  assert.deepEqual(
    [images, splits.train.visible, splits.train.hidden, splits.test.visible, splits.test.hidden],
    [4, 3, 12, 5, 0],
  );
  assert.match(data("info", "sparse").stdout, /^images {6}4 in 3 groups\n/);

  const again = data("sparsify", "fold", "--keep", "one-per-image", "--out", "sparse");
  assert.deepEqual(
    [again.status, again.stdout, again.stderr],
    [1, "", "sparse: already holds a dataset; choose another folder or remove it first\n"],
  );
  const unfit = data("split", "sparse", "--folds", "2", "--fold", "0", "--out", "other");
  assert.deepEqual(
    [unfit.status, unfit.stderr],
    [1, "sparse: is sparsified, but a test split needs every annotation; split the complete dataset, then sparsify\n"],
  );
});

test("sparsify --bias: other annotations at the same rate; a bias that cannot be leaves nothing behind", () => {
  const imported = data(...importArgs, "--box", "12", "--out", "whole");
  assert.equal(imported.status, 0, imported.stderr);
  const biased = data("sparsify", "whole", "--keep", "0.4", "--bias", "corner", "--out", "corner");
  assert.equal(biased.status, 0, biased.stderr);
  assert.match(biased.stdout, /\ntrain {7}4 images in 4 groups, 8 annotations visible and 12 hidden \(40\.0 % visible\)/);
  for (const [options, message] of [
    [
      ["--keep", "0.4", "--bias", "size"],
      "whole: all boxes have the same size, so no cell is larger than another; choose another bias, such as dark\n",
    ],
    [["--keep", "0.4", "--bias", "dark"], "whole: all cells are equally dark; choose another bias than dark\n"],
    [
      ["--keep", "one-per-image", "--bias", "dark"],
      "a bias needs a retention rate in (0, 1], got one-per-image; leave out one of them\n",
    ],
  ] as const)
    assert.deepEqual(data("sparsify", "whole", ...options, "--out", "none"), { status: 1, stdout: "", stderr: message });
  assert.ok(!existsSync(join(root, "none")));
});

test("points-csv takes --points as well; groups, hard negatives, regions and notes are reported", () => {
  const old = data("import", "--format", "points-csv", "--images", "images", "--points", "points.csv", "--out", "old");
  assert.equal(old.status, 0, old.stderr);

  const row = { image_id: 1, bbox: [10, 10, 20, 20] };
  const coco = {
    images: [{ id: 1, file_name: "p1_a.png", width: 64, height: 64 }],
    annotations: [
      { ...row, category_id: 1 },
      { ...row, category_id: 2 },
      { ...row, category_id: 3, bbox: [0, 0, 64, 64] },
      { ...row, category_id: 1, iscrowd: 1 },
      { ...row, category_id: 1, bbox: [70, 0, 5, 5] },
    ],
    categories: ["mitosis", "apoptosis", "tissue"].map((name, i) => ({ id: i + 1, name })),
  };
  writeFileSync(join(root, "coco.json"), JSON.stringify(coco));
  const options = ["--negative", "apoptosis", "--complete-class", "tissue", "--mpp", "0.25", "--drop-invalid", "--verify"];
  const imported = data(
    "import",
    "--format",
    "coco",
    "--images",
    "images",
    "--annotations",
    "coco.json",
    ...options,
    "--out",
    "coco",
  );
  assert.deepEqual(
    [imported.status, imported.stdout.split("\n")],
    [
      0,
      [
        "images       4 found, 1 imported, 3 left out, not in the annotations",
        "groups       1",
        "annotations  5 read, 2 kept, 1 of them hard negatives, 1 dropped outside their image",
        "regions      1 complete, 1 ignored",
        "note         1 crowd annotations became regions to ignore",
        'note         1 of 1 images are black or of one colour, for instance "p1_a.png": look at "data view"',
        'check        duplicates: the same box twice: 1, for instance apoptosis and mitosis of 20×20 pixels on "p1_a.png" at the same place',
        'check        classes with fewer than 20 cells to learn from: 2, for instance "mitosis" has 1',
        'check        marks in regions to ignore, which count for nothing: 2, for instance mitosis at (20, 20) on "p1_a.png"',
        "check        all places: npx sparsecell data check coco",
        "wrote        coco",
        "",
      ],
    ],
    imported.stderr,
  );
  const { images, categories } = JSON.parse(readFileSync(join(root, "coco", "annotations.json"), "utf8"));
  assert.deepEqual([images[0].mpp, images[0].regions.length, categories.length], [0.25, 2, 2]);
  assert.match(data("info", "coco").stdout, /1 annotation, 1 hard negative; [\s\S]*\nregions {5}1 complete, 1 ignored\n/);
});

test("marks that cannot be read, and images that are left out, are named", () => {
  const image = (name: string, shapes: string) => `<image name="${name}">${shapes}</image>\n`;
  const box = '<box label="cell" xtl="30" ytl="20" xbr="10" ybr="40"/>';
  const xml = [
    image("p1_a.png", `${box}<polyline label="cell" points="40,40;50,50"/>`),
    image("p1_b.png", `${box}<lasso label="cell"/>`),
    image("p2_a.png", '<box label="cell" xtl="900" ytl="20" xbr="910" ybr="40"/>'),
    image("not-there.png", box),
  ];
  writeFileSync(join(root, "cvat.xml"), `<annotations>\n${xml.join("")}</annotations>`);
  const options = ["--format", "cvat", "--images", "images", "--annotations", "cvat.xml", "--drop-invalid", "--out", "cvat"];
  const { status, stdout } = data("import", ...options);
  assert.equal(status, 0);
  assert.deepEqual(stdout.split("\n"), [
    "images       4 found, 1 imported, 1 left out, not in the annotations, 1 in the annotations but not there, 1 left out with marks that cannot be read, 1 left out because all their marks were dropped",
    "groups       1",
    "annotations  4 read, 1 kept, 1 of them with swapped corners put in order, 1 dropped outside their image, 1 dropped without their image, 1 dropped on images with marks that cannot be read",
    "unread       1 lasso, 1 polyline, 1 covered by regions to ignore on 1 image, 1 on images left out; the first: cvat.xml:2: polyline",
    'left out     "not-there.png": in the annotations but not there',
    'left out     "p1_b.png": marks that cannot be read',
    'left out     "p2_a.png": all marks dropped',
    'check        classes with fewer than 20 cells to learn from: 1, for instance "cell" has 1',
    "check        all places: npx sparsecell data check cvat",
    "wrote        cvat",
    "",
  ]);
});

test("a format's own options reach its reader, and annotations may lie among the images", () => {
  const frame = (name: string, mitoses: string) => {
    for (const folder of ["frames/x40", "mitosis"]) mkdirSync(join(root, "mitos", "H03", folder), { recursive: true });
    copyFileSync(join(root, "images", "p1_a.png"), join(root, "mitos/H03/frames/x40", `${name}.png`));
    writeFileSync(join(root, "mitos/H03/mitosis", `${name}_mitosis.csv`), mitoses);
    writeFileSync(join(root, "mitos/H03/mitosis", `${name}_not_mitosis.csv`), "40,40,0.2\n");
  };
  frame("H03_00Aa", "20,20,1\n");
  frame("H03_00Ab", "");
  const mitos = ["import", "--format", "mitos-atypia-14", "--images", "mitos"];
  const positive = data(...mitos, "--out", "positive");
  assert.match(
    positive.stdout,
    /^images {7}2 found, 1 imported, .*\n.*\nannotations {2}2 read, 2 kept, 1 of them hard negatives/,
  );
  assert.match(data(...mitos, "--frames", "all", "--out", "all").stdout, /^images {7}2 found, 2 imported\n/);
  frame("H03_00Aa", "20,20,1\n30,30,0.6\n");
  assert.match(
    data(...mitos, "--confidence", "0.8", "--out", "sure").stdout,
    /^note {9}1 mitoses with a confidence below 0\.8 left/m,
  );

  const row = { image_id: 1, category_id: 1, bbox: [10, 10, 30, 40] };
  const lists = {
    images: [{ id: 1, file_name: "p1_a.png", width: 64, height: 64 }],
    categories: [{ id: 1, name: "mitotic figure" }],
  };
  writeFileSync(join(root, "midog.json"), JSON.stringify({ ...lists, annotations: [row] }));
  const midog = ["import", "--format", "midog", "--images", "images", "--annotations", "midog.json"];
  for (const [form, box] of [
    ["corners", [10, 10, 20, 30]],
    ["xywh", [10, 10, 30, 40]],
  ] as const) {
    assert.equal(data(...midog, "--corners", form, "--out", form).status, 0);
    assert.deepEqual(JSON.parse(readFileSync(join(root, form, "annotations.json"), "utf8")).annotations[0].bbox, box);
  }
});

test("synth draws a dataset, progress on stderr", () => {
  const { status, stdout, stderr } = data(
    "synth",
    "--kind",
    "mitosis",
    "--images",
    "2",
    "--size",
    "96x64",
    "--seed",
    "3",
    "--out",
    "drawn",
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^images {6}2 in \d groups?\n[\s\S]*\nimage size {2}96×64 \(2\)\n[\s\S]*\nwrote {7}drawn\n$/);
  assert.match(stderr, /^drawing/);
  assert.equal(JSON.parse(data("info", "drawn", "--json").stdout).images, 2);
});

test("bad input is one line on stderr with file and line, exit code 1, and nothing written", () => {
  const points = join(root, "points.csv");
  const whole = readFileSync(points, "utf8");
  try {
    writeFileSync(points, `${whole}p1_a,5,\n`);
    assert.deepEqual(data(...importArgs, "--out", "bad"), {
      status: 1,
      stdout: "",
      stderr: 'points.csv:22: y: expected a number, got ""; correct or remove the line\n',
    });
  } finally {
    writeFileSync(points, whole);
  }
  assert.deepEqual(data("info", "images"), {
    status: 1,
    stdout: "",
    stderr:
      'images: is not a dataset: it has no annotations.json; make one with "npx sparsecell data import" or "npx sparsecell data synth"\n',
  });
  assert.ok(!existsSync(join(root, "bad")));
});

test("wrong options are one line that says what is right", () => {
  const cases: [string[], RegExp][] = [
    [
      [...importArgs, "--out", "o", "--box", "0"],
      /--box <pixels>' argument '0' is invalid\. It must be a number from 1 to 1000000\./,
    ],
    [
      [...importArgs, "--out", "o", "--group-pattern", "("],
      /--group-pattern <regex>' argument '\(' is invalid\. It must be a regular expression: /,
    ],
    [["import", "--format", "pdf"], /--format <format>' argument 'pdf' is invalid\. Allowed choices are points-csv, coco, voc, /],
    [
      ["import", "--format", "coco", "--images", "images", "--out", "o"],
      /^--annotations is missing; for coco it is: COCO JSON file of any tool/m,
    ],
    [
      ["import", "--format", "coco", "--images", "images", "--points", "points.csv", "--out", "o"],
      /^--points is another name of --annotations for points-csv; write --annotations$/m,
    ],
    [[...importArgs, "--out", "o", "--frames", "all"], /^--frames is for mitos-atypia-14; leave it out$/m],
    [[...importArgs, "--out", "o", "--confidence", "0.5"], /^--confidence is for mitos-atypia-14; leave it out$/m],
    [[...importArgs, "--out", "o", "--corners", "xywh"], /^--corners is for midog; leave it out$/m],
    [
      ["import", "--format", "dots", "--images", "images", "--keep-empty", "--out", "o"],
      /^--keep-empty is not for dots, whose annotations say which images have no cells; leave it out$/m,
    ],
    [[...importArgs, "--out", "o", "--mpp", "0"], /--mpp <microns>' argument '0' is invalid\. It must be a number above 0\./],
    [
      ["sparsify", "d", "--out", "o", "--keep", "1.5"],
      /--keep <rate>' argument '1\.5' is invalid\. It must be a rate in \(0, 1\], or one-per-image\./,
    ],
    [
      ["sparsify", "d", "--out", "o", "--keep", "0.1", "--bias", "big"],
      /--bias <kind>' argument 'big' is invalid\. Allowed choices are size, dark, corner, uneven-images, uneven-classes, clusters\./,
    ],
    [
      ["split", "d", "--out", "o", "--folds", "x"],
      /--folds <number>' argument 'x' is invalid\. It must be a whole number of at least 1\./,
    ],
    [
      ["synth", "--kind", "ki67", "--out", "o", "--size", "100"],
      /--size <WxH>' argument '100' is invalid\. It must be WIDTHxHEIGHT, for instance 512x512\./,
    ],
    [
      ["synth", "--kind", "ki67", "--out", "o", "--seed", "-1"],
      /--seed <number>' argument '-1' is invalid\. It must be a whole number of at least 0\./,
    ],
    [["sparsify", "d", "--out", "o"], /required option '--keep <rate>' not specified/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = data(...args);
    assert.deepEqual([status, stdout, stderr.trimEnd().includes("\n")], [1, "", false], stderr);
    assert.match(stderr, message);
  }
});

test("help has an example and loads nothing slow", () => {
  for (const command of ["import", "info", "sparsify", "split", "synth"]) {
    const { status, stdout } = data(command, "--help");
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`Example:\n +\\$ npx sparsecell data ${command} `));
  }
  const source = readFileSync(new URL(import.meta.resolve("./data.js")), "utf8");
  assert.doesNotMatch(source, /^import .*(sharp|\.\.\/data\/)/m);
});
