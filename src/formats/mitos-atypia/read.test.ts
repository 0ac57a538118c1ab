import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../../errors.ts";
import { type MitosAtypiaOptions, readMitosAtypia } from "./read.ts";

const root = mkdtempSync(join(tmpdir(), "mitos-atypia-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

/** A folder with files; images are never opened. */
function archive(files: Readonly<Record<string, string>>): string {
  const dir = join(root, String(folders++));
  mkdirSync(dir);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  return dir;
}

const frame = (slide: string, name: string, mitosis: string, notMitosis: string) => ({
  [`${slide}/frames/x40/${name}.tiff`]: "",
  [`${slide}/mitosis/${name}_mitosis.csv`]: mitosis,
  [`${slide}/mitosis/${name}_mitosis.jpg`]: "",
  [`${slide}/mitosis/${name}_not_mitosis.csv`]: notMitosis,
});

const read = (dir: string, options: Partial<MitosAtypiaOptions> = {}) =>
  readMitosAtypia({ images: dir, annotations: dir, ...options });

const slides = archive({
  ...frame("A03", "A03_00Aa", "10,20,1.0\r\n30,40,0.65\r\n", "50,60,0.2\n"),
  ...frame("A03", "A03_00Ab", "", ""),
  ...frame("H03/H03", "H03_00Aa", "11,21,1\n", ""), // unpacked into a folder of its own name
  "A03/frames/x10/A03_00.tiff": "",
  "A03/frames/x20/A03_00A.tiff": "",
  "A03/frames/x20/A03_00Aa.tiff": "", // must not be taken for the frame of x40
  "A03/atypia/x20/A03_00A_cna_score_decision.csv": "2",
});

test("frames with a mitosis, their points, slide and resolution; an empty file means none", () => {
  const source = read(slides);
  const file = (name: string) => join(slides, `A03/mitosis/A03_00Aa_${name}.csv`);
  const mark = (x: number, y: number, label: string, name: string, line: number) => {
    return { place: { kind: "point", x, y }, label, file: file(name), line };
  };
  assert.deepEqual(source.images[0], {
    name: "A03/frames/x40/A03_00Aa.tiff",
    marks: [
      mark(10, 20, "mitosis", "mitosis", 1),
      mark(30, 40, "mitosis", "mitosis", 2),
      mark(50, 60, "not mitosis", "not_mitosis", 1),
    ],
    file: file("mitosis"),
    line: 0,
    group: "03",
    mpp: 0.2455,
  });
  const { name, group, mpp } = source.images[1];
  assert.deepEqual({ name, group, mpp }, { name: "H03/H03/frames/x40/H03_00Aa.tiff", group: "03", mpp: 0.2273 });
  assert.equal(source.images.length, 2);
  assert.deepEqual(source.negativeLabels, ["not mitosis"]);
  assert.deepEqual(source.notes, ["1 frames without a mitosis left out"]);
});

test("all frames, including those without a mitosis", () => {
  const { images, notes } = read(slides, { frames: "all" });
  assert.deepEqual(
    images.map(({ name, marks }) => [name, marks.length]),
    [
      ["A03/frames/x40/A03_00Aa.tiff", 3],
      ["A03/frames/x40/A03_00Ab.tiff", 0],
      ["H03/H03/frames/x40/H03_00Aa.tiff", 1],
    ],
  );
  assert.deepEqual(notes, []);
});

test("a confidence leaves out mitoses, and frames without others", () => {
  const { images, notes } = read(slides, { confidence: 0.7 });
  assert.deepEqual(
    images[0].marks.map(({ label, line }) => [label, line]),
    [
      ["mitosis", 1],
      ["not mitosis", 1],
    ],
  );
  assert.deepEqual(notes, ["1 frames without a mitosis left out", "1 mitoses with a confidence below 0.7 left out"]);
  const unsure = archive(frame("A03", "A03_00Aa", "1,2,0.5\n", ""));
  assert.deepEqual(read(unsure, { confidence: 0.51 }).images, []);
  assert.equal(read(unsure, { confidence: 0.5 }).images.length, 1);
});

test("frames in another folder or another file type, and frames without files", () => {
  const images = archive({ "A03_00Aa.png": "", "H03_00Aa.jpg": "", "A04_00Aa.tif": "", "A04_00.tif": "" });
  const source = read(slides, { images });
  assert.deepEqual(
    source.images.map(({ name }) => name),
    ["A03_00Aa.png", "H03_00Aa.jpg"],
  );
  assert.equal(source.notes?.[1], "1 frames without a file of mitoses left out, for instance A04_00Aa");
  const half = archive({ "A03/mitosis/A03_00Aa_mitosis.csv": "1,2,1" });
  const { images: found, notes } = read(half);
  assert.deepEqual([found[0].name, found[0].marks.length], ["A03_00Aa", 1]); // the importer says that its image is missing
  assert.deepEqual(notes, ["1 frames have no _not_mitosis.csv, for instance A03_00Aa"]);
});

test("every error names its file and line", () => {
  const rows = ["10,20", "10,20,1,1", "10;20;1", "a,20,1", "10,,1", "10,20,1.5", "10,20,-0.1", "10,20,NaN", "x,y,confidence"];
  for (const row of rows) {
    const dir = archive(frame("A03", "A03_00Aa", `1,2,1\n\n${row}\n`, ""));
    assert.throws(
      () => read(dir),
      new UserError(
        `${join(dir, "A03/mitosis/A03_00Aa_mitosis.csv")}:3: expected x,y,confidence, two numbers of pixels and a number from 0 to 1, got "${row}"; correct or remove the line`,
      ),
    );
  }
  const negative = archive(frame("A03", "A03_00Aa", "1,2,1\n", "1,2"));
  assert.throws(() => read(negative), /A03_00Aa_not_mitosis\.csv:1: expected/);
  const twice = archive({ ...frame("A03", "A03_00Aa", "1,2,1", ""), ...frame("A03/A03", "A03_00Aa", "1,2,1", "") });
  assert.throws(() => read(twice), /A03_00Aa_mitosis\.csv" is another file of frame A03_00Aa; remove one$/);
  const test = archive({ "A06/frames/x40/A06_00Aa.tiff": "" });
  assert.throws(() => read(test), /has no file like .*; pass the folder of the training slides \(the test slides have none\)$/);
});
