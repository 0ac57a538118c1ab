import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { UserError } from "../../errors.ts";
import { evaluateCommand } from "./evaluate.ts";

const dir = mkdtempSync(join(tmpdir(), "evaluate-"));
after(() => rmSync(dir, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(dir, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const image = (id: number, more: object = {}) => ({ id, file_name: `slide-${id}.png`, width: 200, height: 100, ...more });
const cell = (id: number, imageId: number, x: number, more: object = {}) => ({
  id,
  image_id: imageId,
  category_id: 1,
  bbox: [x, 10, 20, 20],
  ...more,
});
const found = (imageId: number, x: number, score: number, more: object = {}) => ({
  image_id: imageId,
  category_id: 1,
  bbox: [x, 10, 20, 20],
  score,
  ...more,
});

const categories = [{ id: 1, name: "cell" }];
const truth = {
  images: [
    image(1, { group: "a", split: "train" }),
    image(2, { group: "b", split: "test" }),
    image(3, { group: "c", split: "test" }),
  ],
  categories,
  annotations: [cell(1, 1, 0), cell(2, 1, 50, { hidden: true }), cell(3, 2, 0), cell(4, 2, 50)],
};
const annotations = file("truth.json", truth);
// On image 1 both cells, the hidden one too; on image 2 one of two and a wrong one.
const results = [found(1, 0, 0.9), found(1, 50, 0.8), found(2, 100, 0.7), found(2, 0, 0.6)];
const detections = file("results.json", results);

async function run(t: TestContext, ...options: string[]): Promise<{ stdout: string; stderr: string }> {
  const log = t.mock.method(console, "log", () => {});
  const error = t.mock.method(console, "error", () => {});
  try {
    await evaluateCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync(options, { from: "user" });
  } finally {
    log.mock.restore();
    error.mock.restore();
  }
  const text = (calls: typeof log.mock.calls) => calls.map((call) => `${call.arguments.join(" ")}\n`).join("");
  return { stdout: text(log.mock.calls), stderr: text(error.mock.calls) };
}

test("--json prints exactly one object of fractions and counts", async (t) => {
  const { stdout, stderr } = await run(t, "--detections", detections, "--annotations", annotations, "--json");
  assert.deepEqual(JSON.parse(stdout), {
    ap11: (6 * 1 + 2 * 0.75) / 11,
    recall: 3 / 4,
    precision: 3 / 4,
    f1: 3 / 4,
    bestF1: 3 / 4,
    images: 3,
    truths: 4,
    detections: 4,
  });
  assert.equal(stderr, "");
});

test("people get an aligned table in percent", async (t) => {
  const { stdout } = await run(t, "--detections", detections, "--annotations", annotations, "--score", "0.65");
  assert.equal(
    stdout,
    [
      "3 images, IoU ≥ 0.5, score ≥ 0.65; in percent",
      "",
      "        AP  recall  precision    F1  best F1  at score  truths  detections",
      "cell  68.2    50.0       66.7  57.1     75.0       0.6       4           4",
      "",
    ].join("\n"),
  );
});

test("several categories get a line each and one for all", async (t) => {
  const two = file("two.json", { ...truth, categories: [...categories, { id: 2, name: "other cell" }] });
  const both = file("both.json", [...results, found(2, 150, 0.1, { category_id: 2 })]);
  const { stdout } = await run(t, "--detections", both, "--annotations", two);
  assert.deepEqual(
    stdout
      .split("\n")
      .slice(3)
      .map((line) => line.trim().split(/ {2,}/)),
    [
      ["cell", "68.2", "75.0", "75.0", "75.0", "75.0", "0.6", "4", "4"],
      ["other cell", "0.0", "0.0", "0.0", "0.0", "0.0", "–", "0", "1"],
      ["all", "68.2", "75.0", "60.0", "66.7", "75.0", "0.6", "4", "5"],
      [""],
    ],
  );
});

test("--iou and --score cut", async (t) => {
  const shifted = file("shifted.json", [found(1, 5, 0.9)]); // IoU 15 / 25
  const recall = async (...options: string[]) => {
    const { stdout } = await run(t, "--detections", shifted, "--annotations", annotations, "--json", ...options);
    return JSON.parse(stdout).recall;
  };
  assert.equal(await recall("--iou", "0.6"), 0.25);
  assert.equal(await recall("--iou", "0.61"), 0);
  assert.equal(await recall("--score", "0.9"), 0.25);
  assert.equal(await recall("--score", "0.91"), 0);
});

test("--split takes a dataset's images of that split, and says what it left out", async (t) => {
  const folder = join(dir, "dataset");
  mkdirSync(folder);
  file("dataset/annotations.json", truth);
  const { stdout, stderr } = await run(t, "--detections", detections, "--annotations", folder, "--split", "test", "--json");
  const { images, truths, detections: count, recall } = JSON.parse(stdout);
  assert.deepEqual({ images, truths, count, recall }, { images: 2, truths: 2, count: 2, recall: 0.5 });
  assert.equal(stderr, "evaluate: ignored 2 of 4 detections: their images are not in the test split\n");
  assert.equal(JSON.parse((await run(t, "--detections", detections, "--annotations", folder, "--json")).stdout).images, 3);
});

test("images are paired by file name; those that were not searched do not count, and this is said", async (t) => {
  const named = file("named.json", {
    images: [{ id: 70, file_name: "scans/slide-2.png" }],
    categories: [{ id: 9, name: "cell" }],
    annotations: [found(70, 0, 0.9, { category_id: 9 }), found(70, 50, 0.8, { category_id: 9 })],
  });
  const { stdout, stderr } = await run(t, "--detections", named, "--annotations", annotations, "--json");
  assert.deepEqual(JSON.parse(stdout), {
    ap11: 1,
    recall: 1,
    precision: 1,
    f1: 1,
    bestF1: 1,
    images: 1,
    truths: 2,
    detections: 2,
  });
  assert.equal(stderr, `evaluate: only 1 of 3 images count: ${named} does not list the others\n`);
});

test("crowd regions are not judged", async (t) => {
  const crowd = file("crowd.json", {
    ...truth,
    annotations: [...truth.annotations, cell(5, 2, 90, { iscrowd: 1, bbox: [90, 0, 60, 60] })],
  });
  const {
    precision,
    truths,
    detections: count,
  } = JSON.parse((await run(t, "--detections", detections, "--annotations", crowd, "--json")).stdout);
  assert.deepEqual({ precision, truths, count }, { precision: 1, truths: 4, count: 4 });
});

test("no detections is a result, not an error", async (t) => {
  const { stdout } = await run(t, "--detections", file("none.json", []), "--annotations", annotations, "--json");
  assert.deepEqual(JSON.parse(stdout), {
    ap11: 0,
    recall: 0,
    precision: 0,
    f1: 0,
    bestF1: 0,
    images: 3,
    truths: 4,
    detections: 0,
  });
});

test("of a dataset hard negatives are no cells, and nothing in an ignored region is judged", async (t) => {
  const folder = join(dir, "marked");
  mkdirSync(join(folder, "images"), { recursive: true });
  const ring = [90, 0, 200, 0, 200, 100, 90, 100];
  const marked = file("marked/annotations.json", {
    images: [image(1), image(2, { mpp: 0.5, regions: [{ kind: "ignore", rings: [ring] }] }), image(3)],
    categories: [...categories, { id: 2, name: "no cell", negative: true }],
    annotations: [cell(1, 1, 0), cell(2, 1, 50, { category_id: 2 }), cell(3, 2, 0), cell(4, 2, 90)],
  });
  for (const path of [folder, marked]) {
    const { stdout, stderr } = await run(t, "--detections", detections, "--annotations", path, "--json");
    assert.deepEqual(JSON.parse(stdout), {
      ap11: (6 * 1 + 5 * (2 / 3)) / 11,
      recall: 1,
      precision: 2 / 3,
      f1: 0.8,
      bestF1: 0.8,
      images: 3,
      truths: 2,
      detections: 3,
    });
    assert.equal(stderr, "evaluate: ignored 1 of 4 detections: their centres lie in regions marked ignore\n");
  }
});

test("--all prints every measure, as a table or as one JSON object", async (t) => {
  const given = ["--detections", detections, "--annotations", annotations, "--all"];
  const { stdout } = await run(t, ...given);
  assert.match(stdout, /^3 images, 4 cells, 4 detections, IoU ≥ 0\.5; in percent\n\naverage precision\n11 levels .* 68\.2\n/);
  assert.match(stdout, /\n≤ 16 px, by-score +75\.0 +75\.0 +0\.6\n/);
  const json = async (...options: string[]) => JSON.parse((await run(t, ...given, "--json", ...options)).stdout);
  const { ap11, apVoc, maxDetections, byThreshold } = await json();
  assert.deepEqual([ap11, apVoc, maxDetections, byThreshold.length], [(6 * 1 + 2 * 0.75) / 11, 0.5 + 0.75 / 4, null, 101]);

  const measured = await json("--mpp", "0.5", "--distance-match", "maximum", "--max-detections", "1");
  assert.deepEqual(
    [measured.maxDetections, measured.detections, measured.recall, measured.distanceRule],
    [1, 2, 0.25, "maximum"],
  );
  assert.deepEqual(
    measured.byDistance.map(({ rule, radius }: { rule: string; radius: number }) => [rule, radius]),
    [
      ["8 µm", 16],
      ["7.5 µm", 15],
    ],
  );
});

test("--max-detections counts without --all, too, and the table says so", async (t) => {
  const { stdout } = await run(t, "--detections", detections, "--annotations", annotations, "--max-detections", "1");
  assert.match(stdout, /^3 images, IoU ≥ 0\.5, at most 1 of an image and category; in percent\n/);
  assert.match(stdout, /\ncell .* 25\.0 .* 4 +2\n/);
});

test("a mistake is one line that names the file", async (t) => {
  const fails = (options: string[], message: RegExp) =>
    assert.rejects(run(t, ...options), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  const foreign = file("foreign.json", [found(44, 0, 1)]);
  await fails(
    ["--detections", foreign, "--annotations", annotations],
    /foreign\.json: 1 of 1 image ids is unknown \(44; known: 1, 2, 3\) in .*truth\.json/,
  );
  await fails(["--detections", join(dir, "nowhere.json"), "--annotations", annotations], /nowhere\.json: cannot be read/);
  await fails(["--detections", detections, "--annotations", dir], /annotations\.json: cannot be read/);
  await fails(["--detections", annotations, "--annotations", annotations], /truth\.json:\d+: .*score/);
  const logits = file("logits.json", [found(1, 0, 3.5)]);
  await fails(
    ["--detections", logits, "--annotations", annotations, "--all"],
    /logits\.json: --all needs scores from 0 to 1, got 3\.5/,
  );
  await fails(
    ["--detections", detections, "--annotations", annotations, "--mpp", "0.5"],
    /--mpp and --distance-match need --all/,
  );
});

test("a wrong option is refused", async (t) => {
  const given = ["--detections", detections, "--annotations", annotations];
  for (const iou of ["0", "1.5", "x", "", "NaN"]) await assert.rejects(run(t, ...given, "--iou", iou), /must be/);
  await assert.rejects(run(t, ...given, "--score", "high"), /must be a number/);
  for (const mpp of ["0", "-1", "x", ""]) await assert.rejects(run(t, ...given, "--all", "--mpp", mpp), /must be/);
  for (const most of ["0", "1.5", ""])
    await assert.rejects(run(t, ...given, "--max-detections", most), /whole number of at least 1/);
  await assert.rejects(run(t, ...given, "--all", "--score", "0.5"), /'--all' cannot be used with option '--score <number>'/);
  await assert.rejects(run(t, ...given, "--all", "--distance-match", "best"), /Allowed choices are by-score, by-truth, maximum/);
  await assert.rejects(run(t, ...given, "--split", "validation"), /Allowed choices are train, test/);
  await assert.rejects(run(t, "--detections", detections), /required option '--annotations <file>'/);
});

test("--help has an example", () => {
  let help = "";
  evaluateCommand()
    .configureOutput({ writeOut: (text) => (help += text) })
    .outputHelp();
  assert.match(help, /Example:\n {2}\$ npx sparsecell predict .*\n {2}\$ npx sparsecell evaluate --detections /);
});

test("a detection without area counts as wrong; --drop-invalid leaves it out", async (t) => {
  const clipped = file("clipped.json", [found(1, 0, 0.9), found(1, 50, 0.8), found(1, 0, 0.05, { bbox: [200, 40, 0, 15.5] })]);
  const { stdout, stderr } = await run(t, "--detections", clipped, "--annotations", annotations, "--json");
  const { precision, detections: count } = JSON.parse(stdout);
  assert.deepEqual([precision, count], [2 / 3, 3]);
  assert.match(stderr, /clipped\.json:1: 1 detection without area counts as wrong/);
  const dropped = await run(t, "--detections", clipped, "--annotations", annotations, "--json", "--drop-invalid");
  assert.equal(JSON.parse(dropped.stdout).precision, 1);
  assert.match(dropped.stderr, /left out 1 faulty row:\n.*clipped\.json:1: \[2\]\.bbox: is empty/);
});

test("ids of another file, which fit by chance, are refused unless --ids says that they are right", async (t) => {
  const swapped = file("swapped.json", {
    ...truth,
    images: [image(2), image(1), image(3)],
    annotations: [cell(1, 1, 0), cell(2, 1, 50), cell(3, 2, 80), cell(4, 2, 120)],
  });
  const others = file("others.json", [found(2, 0, 0.9), found(2, 50, 0.8), found(1, 80, 0.7), found(1, 120, 0.6)]);
  await assert.rejects(run(t, "--detections", others, "--annotations", swapped), {
    message: `${others}: its boxes lie on the cells of other images than its image ids say, so these are ids of another file; evaluate against that file, write the file_name in every row, or take the ids as they are with --ids annotations`,
  });
  const { stdout } = await run(t, "--detections", others, "--annotations", swapped, "--ids", "annotations", "--json");
  assert.equal(JSON.parse(stdout).recall, 0);
});

test("when nothing matches, a list of bare ids is refused, unless the ids are said to be right", async (t) => {
  const elsewhere = file("elsewhere.json", [found(1, 150, 0.9)]);
  await assert.rejects(
    run(t, "--detections", elsewhere, "--annotations", annotations),
    /elsewhere\.json: no detection matches a cell; check that its image ids .*; if they are, .* --ids annotations$/,
  );
  const { stdout, stderr } = await run(
    t,
    "--detections",
    elsewhere,
    "--annotations",
    annotations,
    "--ids",
    "annotations",
    "--json",
  );
  assert.match(stderr, /elsewhere\.json: no detection matches a cell; check that its image ids/);
  assert.equal(JSON.parse(stdout).ap11, 0);
});
