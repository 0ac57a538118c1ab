// From a slide annotated in QuPath to a training.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { picture, pyramid, writeSlide } from "../../slides/slide.fixture.ts";
import { refuse, succeed, tiny } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "import-slides-"));
after(() => rmSync(root, { recursive: true }));

const feature = (geometry: object, name?: string) => ({
  type: "Feature",
  geometry,
  properties: { objectType: "annotation", ...(name === undefined ? {} : { classification: { name } }) },
});
const point = (x: number, y: number) => feature({ type: "Point", coordinates: [x, y] });
const corners = (left: number, top: number, right: number, bottom: number) => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
  [left, top],
];

before(async () => {
  mkdirSync(join(root, "slides"));
  mkdirSync(join(root, "qupath"));
  const levels = pyramid(picture(900, 700));
  await writeSlide(join(root, "slides", "a.svs"), { levels, description: "Aperio |MPP = 0.5" });
  await writeSlide(join(root, "slides", "b.tif"), { levels });
  const features = [
    point(200, 150),
    point(230, 180),
    point(610, 500),
    feature({ type: "Polygon", coordinates: [corners(150, 100, 300, 250)] }, "counted"),
  ];
  writeFileSync(join(root, "qupath", "a.geojson"), JSON.stringify({ type: "FeatureCollection", features }));
  writeFileSync(join(root, "b.geojson"), JSON.stringify({ type: "FeatureCollection", features }));
});

const qupath = ["data", "import", "--format", "qupath", "--images", "slides", "--complete-class", "counted"];

test("a slide annotated in QuPath is imported as windows and trained on", () => {
  const { stdout, stderr, lines } = succeed(root, ...qupath, "--annotations", "qupath", "--out", "data");
  assert.deepEqual(lines, []);
  assert.match(stderr, /^reading: 1 of 1 images in [\s\S]*^cutting: 2 of 2 windows in /m);
  assert.match(stdout, /^images {7}2 found, 1 imported, 1 left out, not in the annotations\nwindows {6}2 of 1 slide\n/);
  assert.match(stdout, /^annotations {2}4 read, 3 kept\nregions {6}1 complete, 0 ignored$/m);
  assert.ok(existsSync(join(root, "data", "images", "a-x0-y0.png")));
  succeed(root, "train", "data", ...tiny, "--steps", "2", "--lr", "0.002", "--seed", "5", "--out", "run");
  assert.ok(existsSync(join(root, "run", "model.safetensors")));
});

test("data check finds the slides of annotations", () => {
  const { stdout } = succeed(
    root,
    "data",
    "check",
    "qupath",
    "--format",
    "qupath",
    "--images",
    "slides",
    "--complete-class",
    "counted",
  );
  assert.doesNotMatch(stdout, /files of images/);
});

test("wrong options are one line", () => {
  const out = ["--out", "none"];
  refuse(
    root,
    [[...qupath, "--annotations", "b.geojson", ...out], /^slides\/b\.tif: does not say how many microns a pixel spans, .*--mpp/],
    [[...qupath, "--annotations", "qupath", "--resolution", "0.3", ...out], /^slides\/a\.svs: its pixels are 0\.5 µm, /],
    [[...qupath, "--annotations", "qupath", "--resolution", "0", ...out], /--resolution <microns>' argument '0' is invalid/],
    [
      [...qupath, "--annotations", "qupath", "--keep-empty", ...out],
      /^slides\/b\.tif: is a slide that the annotations do not mention/,
    ],
  );
});
