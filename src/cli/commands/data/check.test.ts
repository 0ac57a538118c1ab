import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { tiff } from "../../../data/tiff.fixture.ts";
import { refuse, sparsecell, succeed } from "../../cli.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "data-check-"));
after(() => rmSync(dir, { recursive: true }));

const image = (id: number, more: object = {}) => ({ id, file_name: `${id}.png`, width: 60, height: 40, ...more });
const cell = (id: number, bbox: number[], more: object = {}) => ({ id, image_id: 1, category_id: 1, bbox, iscrowd: 0, ...more });
const lines = (rows: object[]) => rows.map((row) => JSON.stringify(row)).join(",\n");

before(async () => {
  mkdirSync(join(dir, "odd/images"), { recursive: true });
  for (const id of [1, 2])
    await sharp({ create: { width: 60, height: 40, channels: 3, background: "#c0a0b0" } })
      .png()
      .toFile(join(dir, `odd/images/${id}.png`));
  const images = [image(1), image(2, { split: "test" }), image(3)];
  const annotations = [
    cell(1, [5, 5, 20, 20]),
    cell(2, [5, 5, 20, 20]),
    cell(3, [30, 5, 0, 10]),
    cell(4, [5, 5, 20, 20], { image_id: 9 }),
    cell(5, [70, 5, 20, 20]),
  ];
  const text = `{"images": [\n${lines(images)}\n],\n"annotations": [\n${lines(annotations)}\n],\n"categories": [{"id": 1, "name": "cell"}]}`;
  writeFileSync(join(dir, "odd/annotations.json"), text);
});

test("a dataset that no other command reads is checked, with a line for each oddity, and not changed", () => {
  const before = readFileSync(join(dir, "odd/annotations.json"), "utf8");
  const { stdout } = succeed(dir, "data", "check", "odd", "--pixels");
  assert.deepEqual(stdout.split("\n"), [
    "odd: 3 images, 4 marks: 11 oddities of 9 kinds",
    "",
    "what cannot be read: 1",
    "  odd/annotations.json:10: annotations[3].image_id: unknown image id 9",
    "",
    "files of images that are missing, cannot be read, or have another size than recorded: 1",
    '  odd/annotations.json:4: "3.png" is not in odd/images',
    "",
    "boxes without area, smaller than 2 pixels, or 4 times smaller or larger than the median: 1",
    '  odd/annotations.json:9: cell of 0×10 pixels on "1.png": has no area',
    "",
    "marks whose centre is outside their image: 1",
    '  odd/annotations.json:11: cell at (80, 15) on "1.png" of 60×40 pixels',
    "",
    "duplicates: the same box twice: 1",
    '  odd/annotations.json:8: cell of 20×20 pixels on "1.png" at the same place',
    "",
    "classes with fewer than 20 cells to learn from: 1",
    '  odd/annotations.json:7: "cell" has 4',
    "",
    "test images that may share a slide with training images: 1",
    '  odd/annotations.json:3: "2.png" is the same file as the training image "1.png"',
    "",
    "images that are black, or nearly of one colour (with --pixels): 2",
    '  odd/annotations.json:2: "1.png": its values differ by 0 of 255 at most, around 192 160 176',
    '  odd/annotations.json:3: "2.png": its values differ by 0 of 255 at most, around 192 160 176',
    "",
    "images without cells, which training takes as background: 2",
    '  odd/annotations.json:3: "2.png"',
    '  odd/annotations.json:4: "3.png"',
    "",
  ]);
  assert.equal(readFileSync(join(dir, "odd/annotations.json"), "utf8"), before);
});

test("--json has every place; --strict is exit code 1; annotations of other tools are checked before they are imported", () => {
  const { findings, oddities } = JSON.parse(succeed(dir, "data", "check", "odd", "--json").stdout);
  assert.equal(oddities, 9);
  assert.deepEqual(findings[3].oddities, [
    { file: "odd/annotations.json", line: 11, text: 'cell at (80, 15) on "1.png" of 60×40 pixels' },
  ]);
  assert.equal(sparsecell(dir, "data", "check", "odd", "--strict").status, 1);

  writeFileSync(join(dir, "points.csv"), "image,x,y,label\n1.png,5,5,cell\n1.png,6,5,Cell\n4.png,5,5,cell\n");
  const { stdout } = succeed(
    dir,
    "data",
    "check",
    "points.csv",
    "--format",
    "points-csv",
    "--images",
    "odd/images",
    "--most",
    "1",
  );
  assert.match(stdout, /^ {2}points\.csv:3: Cell on "1\.png" overlaps another cell by 0\.939$/m);
  assert.match(stdout, /^ {2}points\.csv:3: "Cell" \(1\) is much like "cell" \(2\); 1 marks have it$/m);
  assert.match(stdout, /^ {2}points\.csv:4: "4\.png" is not in odd\/images$/m);
  const faulty = Array.from({ length: 25 }, (_, i) => `1.png,NaN,${i}`).join("\n");
  writeFileSync(join(dir, "faulty.csv"), `image,x,y\n1.png,5,5\n${faulty}\n`);
  const all = succeed(dir, "data", "check", "faulty.csv", "--format", "points-csv", "--most", "30").stdout;
  assert.match(all, /^what cannot be read: 21$/m);
  assert.match(all, /^ {2}faulty\.csv:3: x: expected a number, got "NaN"; correct or remove the line$/m);
  assert.match(all, /^ {2}faulty\.csv:22: x: expected a number/m);
  assert.match(all, /^ {2}faulty\.csv: 5 more marks are faulty$/m);
  refuse(
    dir,
    [["data", "check", "nowhere"], /^nowhere: no such file or folder; check the path$/],
    [["data", "check", "odd/images"], /^odd\/images: not a dataset: .*pass --format$/],
    [["data", "check", "points.csv", "--format", "points-csv", "--pixels"], /--pixels needs --images/],
  );
});

test("images are checked as the dataset says that they are read", async () => {
  const dark = Uint16Array.from({ length: 600 }, (_, i) => 300 + 3 * i);
  const folder = join(dir, "camera");
  mkdirSync(join(folder, "images"), { recursive: true });
  writeFileSync(join(folder, "images/1.tif"), tiff({ width: 30, height: 20, values: Float32Array.from(dark) }));
  writeFileSync(join(folder, "images/2.tif"), tiff({ width: 30, height: 20, values: dark }));
  const row = (id: number, range: string) => ({ id, file_name: `${id}.tif`, width: 30, height: 20, pixels: { range } });
  const write = (range: string) =>
    writeFileSync(
      join(folder, "annotations.json"),
      `{"images": [\n${lines([row(1, range), row(2, range)])}\n],\n"annotations": [],\n"categories": []}`,
    );
  const checks = () => {
    const { findings } = JSON.parse(succeed(dir, "data", "check", "camera", "--pixels", "--json").stdout);
    return findings.map(({ check, count }: { check: string; count: number }) => [check, count]);
  };
  write("0:4095");
  assert.deepEqual(checks(), [["empty-images", 2]]);
  write("60000:65535");
  assert.deepEqual(checks(), [
    ["blank-pictures", 2],
    ["empty-images", 2],
  ]);
});
