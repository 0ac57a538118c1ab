// Troubles that people have reported to other tools of this field, on files of the same form (docs/background/reliability.md).

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { refuse, succeed } from "./cli.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "public-reports-"));
after(() => rmSync(dir, { recursive: true }));

before(async () => {
  mkdirSync(join(dir, "images"));
  for (const name of ["a.png", "image1.png", "image1.jpg", "cb0618f6-x.png"])
    await sharp({ create: { width: 100, height: 80, channels: 3, background: "#ccccbb" } }).toFile(join(dir, "images", name));
});

const [B, C] = [
  [10, 10, 20, 20],
  [50, 40, 20, 20],
];
const image = (id: number, file_name: string) => ({ id, file_name, width: 100, height: 80 });
const cell = (id: number, bbox: unknown, more: object = {}) => ({ id, image_id: 1, category_id: 1, bbox, ...more });
const found = (bbox: unknown, more: object = {}) => ({ image_id: 1, category_id: 1, bbox, score: 0.9, ...more });
const coco = (annotations: object[], more: object = {}) => ({
  images: [image(1, "a.png")],
  categories: [{ id: 1, name: "cell" }],
  annotations,
  ...more,
});

function write(name: string, content: unknown): string {
  writeFileSync(join(dir, name), JSON.stringify(content));
  return name;
}

function evaluate(detections: unknown, truth: unknown): { recall: number; precision: number; stderr: string } {
  const files = ["--detections", write("d.json", detections), "--annotations", write("t.json", truth)];
  const { stdout, stderr } = succeed(dir, "evaluate", ...files, "--json");
  return { ...JSON.parse(stdout), stderr };
}

test("an annotation with the id 0 can be found (cocodataset/cocoapi#332, roboflow/supervision#1895)", () => {
  assert.equal(evaluate([found(B), found(C)], coco([cell(0, B), cell(1, C)])).recall, 1);
});

test("annotations that share an id all count, as on import (cvat-ai/datumaro#56)", () => {
  assert.equal(evaluate([found(B), found(C)], coco([cell(1, B), cell(1, C)])).recall, 1);
});

test("ids that are file names as numbers (ultralytics/ultralytics#21557)", () => {
  const images = [image(1, "000139.jpg"), image(2, "a.png")];
  assert.equal(evaluate([found(B, { image_id: 139 })], coco([cell(1, B)], { images })).recall, 1);
});

test("category names decide where the ids are others (obss/sahi#298)", () => {
  assert.equal(evaluate([found(B, { category_id: 0, category_name: "cell" })], coco([cell(1, B)])).recall, 1);
});

test("ids as text are ids (pylabel-project/pylabel#6)", () => {
  const text = { category_id: "1", iscrowd: null };
  assert.equal(evaluate([found(B, { image_id: "1", category_id: "1" })], coco([cell(1, B, text)])).recall, 1);
});

test("one id for two images is refused, one name for two images is ambiguous (cvat-ai/cvat#7523)", () => {
  const images = [image(1, "image1.jpg"), image(1, "image1.png")];
  const named = { images: [image(1, "image1.jpg"), image(2, "image1.png")] };
  write("same.json", coco([cell(1, B)], { images }));
  write("stem.json", coco([cell(1, B)], named));
  write("d.json", [found(B, { image_id: "image1" })]);
  const run = (truth: string) => ["evaluate", "--detections", "d.json", "--annotations", truth];
  refuse(
    dir,
    [run("same.json"), /^same\.json:1: images\[1\]\.id: 1 is already the id of another one/],
    [run("stem.json"), /the image "image1" .*could be "image1\.jpg", "image1\.png" in stem\.json/],
  );
});

test("frames of two tasks with one name are one image each by their ids (cvat-ai/cvat#4993)", () => {
  const images = [image(1, "frame_000000.PNG"), image(2, "frame_000000.PNG")];
  const truth = coco([cell(1, B), cell(2, C, { image_id: 2 })], { images });
  assert.equal(evaluate([found(B), found(C, { image_id: 2 })], truth).recall, 1);
});

test("corners in place of sides are recognised (facebookresearch/detectron2#2957)", () => {
  const { stderr } = evaluate([found([10, 10, 30, 30]), found([50, 40, 70, 60])], coco([cell(1, B), cell(2, C)]));
  assert.match(stderr, /d\.json: its boxes look like \[x1, y1, x2, y2\]; write \[x, y, width, height\]/);
});

test("categories counted from 0 are recognised where the ids fit by chance (WongKinYiu/yolov7#1701)", () => {
  const categories = ["x", "y", "z"].map((name, id) => ({ id, name }));
  const truth = coco([cell(1, B, { category_id: 0 }), cell(2, C)], { categories });
  const { stderr } = evaluate([found(B), found(C, { category_id: 2 })], truth);
  assert.match(stderr, /on cells of other categories; check that its category ids/);
});

test("a box of negative sides has its corners put in order, and is counted (xingyizhou/CenterNet#301)", () => {
  const { precision, recall, stderr } = evaluate([found(B), found([30, 30, -20, -20])], coco([cell(1, B)]));
  assert.deepEqual([recall, precision], [1, 0.5]);
  assert.match(stderr, /1 box has a negative width or height; the corners were put in order/);
});

test("paths that lead out of the folder, with backslashes, still name their images (HumanSignal/label-studio#7294)", () => {
  const images = [image(0, "..\\..\\label-studio\\media\\upload\\4\\cb0618f6-x.png")];
  write("ls.json", coco([cell(0, B, { image_id: 0, iscrowd: 0 })], { images }));
  const { stdout } = succeed(
    dir,
    "data",
    "import",
    "--format",
    "coco",
    "--images",
    "images",
    "--annotations",
    "ls.json",
    "--out",
    "ls",
  );
  assert.match(stdout, /annotations {2}1 read, 1 kept/);
});

test("images that an export leaves out because they are empty are refused as unknown, or left out (HumanSignal/label-studio#1470)", () => {
  write("t.json", coco([cell(1, B)]));
  write("d.json", [found(B), found(B, { image_id: 2 })]);
  const run = ["evaluate", "--detections", "d.json", "--annotations", "t.json"];
  refuse(dir, [run, /^d\.json: 1 of 2 image ids is unknown \(2; known: 1\) in t\.json; .*--drop-invalid$/]);
  assert.match(succeed(dir, ...run, "--drop-invalid").stderr, /left out 1 of 2 detections/);
});
