// The command line of `data`, in processes of its own: what goes to stdout and stderr, and with which exit code.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

const importArgs = ["import", "--format", "points-csv", "--images", "images", "--points", "points.csv"];

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
    [1, "sparse: is sparsified, and a test needs every annotation; split the complete dataset, then sparsify\n"],
  );
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
      stderr: 'points.csv:22: y is "", which is no number; correct or remove the line\n',
    });
  } finally {
    writeFileSync(points, whole);
  }
  assert.deepEqual(data("info", "images"), {
    status: 1,
    stdout: "",
    stderr:
      'images: is no dataset: it has no annotations.json; make one with "npx sparsecell data import" or "npx sparsecell data synth"\n',
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
      /--group-pattern <regex>' argument '\(' is invalid\. It is no regular expression: /,
    ],
    [["import", "--format", "voc"], /--format <format>' argument 'voc' is invalid\. Allowed choices are points-csv\./],
    [
      ["sparsify", "d", "--out", "o", "--keep", "1.5"],
      /--keep <rate>' argument '1\.5' is invalid\. It must be above 0 and at most 1, or one-per-image\./,
    ],
    [
      ["split", "d", "--out", "o", "--folds", "x"],
      /--folds <number>' argument 'x' is invalid\. It must be a whole number from 1\./,
    ],
    [
      ["synth", "--kind", "ki67", "--out", "o", "--size", "100"],
      /--size <WxH>' argument '100' is invalid\. It must be WIDTHxHEIGHT, for instance 512x512\./,
    ],
    [
      ["synth", "--kind", "ki67", "--out", "o", "--seed", "-1"],
      /--seed <number>' argument '-1' is invalid\. It must be a whole number from 0\./,
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
