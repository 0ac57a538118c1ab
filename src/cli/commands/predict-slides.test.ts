// `sparsecell predict` on made slides, with a network of random weights.

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { readCocoDetections } from "../../data/coco/evaluation-files.ts";
import type { RgbImage } from "../../data/image-file.ts";
import { qupathObjectsOfFile, qupathVersions } from "../../formats/qupath/strict.fixture.ts";
import { picture, pyramid, writeSlide } from "../../slides/slide.fixture.ts";
import { madeSlide } from "../../slides/tissue.fixture.ts";
import { tinyConfig, tinyDataset, untrainedRun } from "../../train/run.fixture.ts";
import { refuse, sparsecell, start, succeed } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "predict-slides-"));
after(() => rmSync(root, { recursive: true }));
const slides = join(root, "slides");
const TISSUE_WIDTH = 440; // pixels of 2 µm, of a slide of 1200×600
const TISSUE_MM2 = (TISSUE_WIDTH * 600 * 4) / 1e6;

before(async () => {
  const dataset = await tinyDataset(root);
  const { detector } = tinyConfig(dataset);
  const resolution = { kind: "resolution", window: 64, mpp: 0.5, scale: 1 } as const;
  untrainedRun(join(root, "run"), dataset, { detector: { ...detector, input: resolution } });
  untrainedRun(join(root, "pixels"), dataset, { detector: { ...detector, input: { ...resolution, mpp: null } } });
  untrainedRun(join(root, "whole"), dataset);
  mkdirSync(slides);
  const levels = pyramid(picture(800, 700));
  await writeSlide(join(slides, "a.tif"), { levels, resolution: 40_000 });
  await writeSlide(join(slides, "b.svs"), { levels, description: "Aperio |MPP = 0.25" });
  await writeSlide(join(root, "unsized.tif"), { levels });
  copyFileSync(join(root, "complete", "images", readdirSync(join(root, "complete", "images"))[0]), join(slides, "patch.png"));
  const ring = [
    [200, 200],
    [600, 200],
    [600, 500],
    [200, 500],
    [200, 200],
  ];
  const outline = (shift: number) => ({
    type: "Feature",
    geometry: { type: "Polygon", coordinates: [ring.map(([x, y]) => [x + shift, y])] },
    properties: { objectType: "annotation" },
  });
  const { image } = madeSlide({ seed: 5, kind: "mitosis", strength: [0.8, 0.8], tissue: "all", width: 1200, height: 600 });
  const glass = (from: number): RgbImage => ({
    ...image,
    data: image.data.map((v, i) => (Math.floor(i / 3) % 1200 < from ? v : 244)),
  });
  await writeSlide(join(root, "half.tif"), { levels: pyramid(glass(TISSUE_WIDTH)), resolution: 5000 });
  await writeSlide(join(root, "glass.tif"), { levels: pyramid(glass(0)), resolution: 5000 });
  writeFileSync(join(root, "glass.geojson"), JSON.stringify([outline(500)]));
  writeFileSync(join(root, "inside.geojson"), JSON.stringify({ type: "FeatureCollection", features: [outline(0)] }));
  writeFileSync(join(root, "outside.geojson"), JSON.stringify([outline(9000)]));
  writeFileSync(join(root, "none.geojson"), "[]");
});

const predict = [
  "predict",
  "--model",
  "run",
  "--score",
  "0.3",
  "--dtype",
  "float32",
  "--tile",
  "384",
  "--proposals",
  "100",
  "--no-tissue",
];

interface Feature {
  readonly geometry: { readonly coordinates: readonly (readonly [number, number])[][] };
}

const featuresOf = (file: string): Feature[] => JSON.parse(gunzipSync(readFileSync(join(root, file))).toString()).features;

test("one slide into files of every kind, in pixels of level 0", () => {
  const { stdout } = succeed(root, ...predict, "--out", "a.geojson.gz", "slides/a.tif");
  assert.match(stdout, /^slides\/a\.tif: \d+ cells \(float32 on cpu\): a\.geojson\.gz\n$/);
  const features = featuresOf("a.geojson.gz");
  assert.ok(features.length > 50, `${features.length} cells`);
  assert.ok(features.some(({ geometry }) => geometry.coordinates[0][0][0] > 600));
  for (const version of qupathVersions)
    assert.equal(qupathObjectsOfFile(join(root, "a.geojson.gz"), version).length, features.length);
  succeed(root, ...predict, "--out", "a.json", "slides/a.tif");
  const { detections, images } = readCocoDetections(join(root, "a.json"));
  assert.equal(detections.length, features.length);
  assert.deepEqual(
    images?.map(({ fileName, width, height }) => [fileName, width, height]),
    [["slides/a.tif", 800, 700]],
  );
});

test("a folder of slides becomes a folder for each; what is done is not done again", () => {
  const { stdout } = succeed(root, ...predict, "--format", "csv", "parquet", "--out", "found", "slides");
  assert.match(
    stdout,
    /^a\.tif: \d+ cells .*: found\/a\/cells\.csv, found\/a\/cells\.parquet\nb\.svs: .*\n\d+ cells on 2 slides\n$/,
  );
  assert.deepEqual(readdirSync(join(root, "found")), ["a", "b"], "the image beside the slides is left out");
  assert.deepEqual(readdirSync(join(root, "found", "a")), [
    "cells.csv",
    "cells.parquet",
    "settings.json",
    "summary.html",
    "summary.json",
  ]);
  const again = succeed(root, ...predict, "--format", "csv", "parquet", "--out", "found", "slides");
  assert.match(again.stdout, /^a\.tif: is done already: .*\nb\.svs: is done already: /);
  const other = [...predict, "--score", "0.31", "--format", "csv", "--out", "found", "slides"];
  refuse(root, [other, /^found\/a\/cells\.csv: already exists; .*--overwrite$/]);
});

test("cells inside of annotations only", () => {
  succeed(root, ...predict, "--regions", "inside.geojson", "--out", "inside.geojson.gz", "slides/a.tif");
  const features = featuresOf("inside.geojson.gz");
  assert.ok(features.length > 0 && features.length < featuresOf("a.geojson.gz").length);
  for (const { geometry } of features) {
    const [[[x1, y1], , [x2, y2]]] = geometry.coordinates;
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
    assert.ok(x >= 200 && x < 600 && y >= 200 && y < 500, `${x}, ${y}`);
  }
});

test("glass is not searched, and the numbers are of the tissue", () => {
  const onGlass = [...predict.filter((arg) => arg !== "--no-tissue"), "--model", "pixels", "--scale", "0.5"];
  const found = succeed(root, ...onGlass, "--format", "csv", "--out", "on-tissue", "half.tif");
  assert.match(found.stderr, /predict: (\d+) of \1 tiles/);
  const progress = found.stderr.match(/mm² \d\.\d\d of \d\.\d\d/g)?.at(-1);
  const [done, of] = (progress ?? "").match(/\d\.\d\d/g)?.map(Number) ?? [];
  assert.equal(done, of, "all of the tissue was searched");
  assert.ok(Math.abs(of - TISSUE_MM2) < 0.05, `${of} mm²`);
  const centres = (folder: string): number[] =>
    readFileSync(join(root, folder, "half", "cells.csv"), "utf8")
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => Number(line.split(",")[0]));
  const xs = centres("on-tissue");
  assert.ok(xs.length > 5 && xs.every((x) => x < TISSUE_WIDTH + 20), `${xs.length} cells up to x ${Math.max(...xs)}`);
  const { tissueMm2, cells, hotSpot, notes } = JSON.parse(readFileSync(join(root, "on-tissue", "half", "summary.json"), "utf8"));
  assert.deepEqual([tissueMm2.toFixed(2), cells, hotSpot], [of.toFixed(2), xs.length, null]);
  assert.deepEqual(notes, ["No hot spot: the tissue is smaller than 2 mm², the area of a hot spot (--hot-spot)."]);
  const all = succeed(root, ...onGlass, "--no-tissue", "--format", "csv", "--out", "everywhere", "half.tif");
  assert.match(all.stderr, /mm² 2\.88 of 2\.88/);
  assert.match(all.stderr, /predict: (\d+) of \1 tiles/);
  assert.ok(
    centres("everywhere").some((x) => x > TISSUE_WIDTH + 100),
    "this network finds cells on glass, too",
  );
  refuse(
    root,
    [
      [...onGlass, "--regions", "glass.geojson", "--out", "x.csv", "half.tif"],
      /^half\.tif: nothing of it lies in the area to search; .*--no-tissue$/,
    ],
    [[...onGlass, "--out", "x.csv", "glass.tif"], /^glass\.tif: no tissue was found on it; .*--no-tissue/],
  );
});

test("killed, the same command goes on to the same bytes", async () => {
  const args = [...predict, "--out", "killed.geojson.gz", "slides/a.tif"];
  const { finished } = start(root, args, (stderr, child) => {
    if (/^predict [2-9]\/\d+/m.test(stderr)) child.kill("SIGKILL");
  });
  await finished;
  if (existsSync(join(root, "killed.geojson.gz.partial"))) {
    // else it had ended before it could be killed; wsi/predict-slide.test.ts kills at chosen places
    refuse(root, [
      [
        "predict",
        "--model",
        "run",
        "--score",
        "0.4",
        "--tile",
        "320",
        "--no-tissue",
        "--out",
        "killed.geojson.gz",
        "slides/a.tif",
      ],
      /^killed\.geojson\.gz\.partial: was begun with another --score \(0\.3, now 0\.4\)/,
    ]);
    succeed(root, ...args);
  }
  assert.ok(readFileSync(join(root, "killed.geojson.gz")).equals(readFileSync(join(root, "a.geojson.gz"))));
  assert.ok(!existsSync(join(root, "killed.geojson.gz.partial")));
});

test("whatever is wrong is one line, before anything is searched", () => {
  writeFileSync(join(root, "mine.csv"), "mine");
  writeFileSync(join(root, "cut.svs"), readFileSync(join(slides, "b.svs")).subarray(0, 3000));
  writeFileSync(join(root, "text.svs"), "not a slide");
  const on = (slide: string, out: string, ...more: string[]) => [...predict, "--out", out, slide, ...more];
  refuse(
    root,
    [on("slides/a.tif", "mine.csv"), /^mine\.csv: already exists; choose another name, remove it first, or pass --overwrite$/],
    [on("unsized.tif", "x.csv"), /^unsized\.tif: does not say how many microns.*--mpp 0\.25/],
    [
      ["predict", "--model", "whole", "--out", "x.csv", "slides/a.tif"],
      /^slides\/a\.tif: is a slide, and the model has no working resolution/,
    ],
    [
      ["predict", "--model", "pixels", "--out", "x.csv", "slides/a.tif"],
      /^slides\/a\.tif: the model does not know how many microns.*--scale N/,
    ],
    [on("cut.svs", "x.csv"), /^cut\.svs: /],
    [on("text.svs", "x.csv"), /^text\.svs: /],
    [on("missing.svs", "x.csv"), /^missing\.svs: no such file or folder/],
    [
      on("slides/a.tif", "x.csv", "--regions", "outside.geojson"),
      /^outside\.geojson: has an annotation at x 9200, y 200, but slides\/a\.tif has 800×700 pixels; pass the --regions of this slide$/,
    ],
    [on("slides/a.tif", "x.csv", "--regions", "none.geojson"), /^none\.geojson: has no annotation that encloses an area/],
    [on("slides/a.tif", "x.csv", "--regions", "gone.geojson"), /^gone\.geojson: no such file or folder; check --regions/],
    [on("slides", "x.csv"), /^x\.csv: is one file for 2 slides; pass the name of a folder to --out/],
    [on("slides/a.tif", "x.xlsx"), /^x\.xlsx: expected a folder, or a name that ends with \.geojson\.gz, /],
    [on("slides/a.tif", "x.csv", "--format", "csv"), /^--format is for a folder; x\.csv is a file/],
    [on("slides/a.tif", "x.csv", "--tile", "100"), /^--tile: expected one number of at least 320 for slides/],
    [on("slides/a.tif", "x.csv", "--mpp", "0.0001"), /^--mpp: expected microns per pixel from 0\.05 to 20/],
  );
  assert.equal(readFileSync(join(root, "mine.csv"), "utf8"), "mine");
  assert.ok(!existsSync(join(root, "x.csv")) && !existsSync(join(root, "x.csv.partial")));
  const { status, stderr } = sparsecell(root, ...predict, "--drop-invalid", "--out", "partly", "slides/a.tif", "text.svs");
  assert.equal(status, 0);
  assert.match(stderr, /^left out 1 of 2 slides:\n {2}text\.svs: /m);
});
