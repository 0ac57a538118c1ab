import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { qupathObjectsOfFile, qupathVersions } from "../../formats/qupath/strict.fixture.ts";
import { picture, pyramid, writeSlide } from "../../slides/slide.fixture.ts";
import { madeSlide } from "../../slides/tissue.fixture.ts";
import { refuse, sparsecell, succeed } from "../cli.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "slides-command-"));
after(() => rmSync(dir, { recursive: true }));

before(async () => {
  const levels = pyramid(picture(520, 260));
  const description = "Aperio Image Library v11\r\n520x260|AppMag = 40|MPP = 0.25";
  await writeSlide(join(dir, "a.svs"), { levels, description });
  await writeSlide(join(dir, "b.tif"), { levels, resolution: 28.35 });
  writeFileSync(join(dir, "cut.svs"), "II*\0");
});

test("slides info prints a row for each slide, and unknown microns as unknown", () => {
  const { stdout } = succeed(dir, "slides", "info", "a.svs", "b.tif");
  assert.deepEqual(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/)),
    [
      ["slide", "pixels", "levels", "µm/px", "from", "mm", "format", "reader"],
      ["a.svs", "520×260", "1 2 4", "0.2500", "Aperio MPP", "0.1×0.1", "Aperio SVS", "tiff"],
      ["b.tif", "520×260", "1 2 4", "unknown", "tiled TIFF", "tiff"],
    ],
  );
});

test("--json prints an object for each slide; --mpp overrides what the file says", () => {
  const { stdout } = succeed(dir, "slides", "info", "--json", "--mpp", "0.5", "a.svs", "b.tif");
  const [a, b] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(a, {
    file: "a.svs",
    format: "Aperio SVS",
    vendor: "aperio",
    reader: "tiff",
    width: 520,
    height: 260,
    levels: [
      { width: 520, height: 260, downsample: 1 },
      { width: 260, height: 130, downsample: 2 },
      { width: 130, height: 65, downsample: 4 },
    ],
    mppX: 0.5,
    mppY: 0.5,
    mppFrom: "given",
  });
  assert.deepEqual([b.vendor, b.mppX], [null, 0.5]);
});

test("a file that cannot be read is a line and exit code 1, and the others are shown", () => {
  const { status, stdout, lines } = sparsecell(dir, "slides", "info", "none.svs", "a.svs", "cut.svs");
  assert.equal(status, 1);
  assert.match(stdout, /^a\.svs /m);
  assert.equal(lines.length, 2);
  assert.match(lines[0], /^sparsecell: none\.svs: cannot be read: no such file or directory; check the path$/);
  assert.match(lines[1], /^sparsecell: cut\.svs: cannot be read: /);
  refuse(
    dir,
    [["slides", "info"], /missing required argument 'file'/],
    [["slides", "info", "a.svs", "--mpp", "250"], /^--mpp: expected microns per pixel from 0\.05 to 20, got 250$/],
  );
});

test("slides tissue writes what QuPath reads, and says how much there is", async () => {
  const made = { seed: 5, kind: "mitosis", strength: [0.8, 0.8] } as const;
  const slide = (name: string, options: object) =>
    writeSlide(join(dir, name), { levels: pyramid(madeSlide({ ...made, ...options }).image), resolution: 5000 });
  await slide("tissue.tif", {});
  const { stdout } = succeed(dir, "slides", "tissue", "tissue.tif", "--out", "new/tissue.geojson");
  const match = /^new\/tissue\.geojson: (\d+) pieces of tissue, (\d\.\d\d) mm², (\d\d\.\d) % of the slide\n$/.exec(stdout);
  assert.ok(match, stdout);
  const [pieces, mm2, percent] = match.slice(1).map(Number);
  assert.ok(Math.abs(mm2 - (percent / 100) * 4.8 * 3.2) < 0.02);
  const { type, features } = JSON.parse(readFileSync(join(dir, "new/tissue.geojson"), "utf8"));
  assert.deepEqual([type, features.length], ["FeatureCollection", pieces]);
  for (const version of qupathVersions)
    for (const { type, classes } of qupathObjectsOfFile(join(dir, "new/tissue.geojson"), version))
      assert.deepEqual([type, classes], ["annotation", ["Tissue"]]);
  for (const { geometry } of features) {
    assert.equal(geometry.type, "Polygon");
    for (const ring of geometry.coordinates) {
      assert.ok(ring.length >= 5);
      assert.deepEqual(ring[0], ring.at(-1));
    }
  }
  await slide("empty.tif", { tissue: "none" });
  refuse(
    dir,
    [
      ["slides", "tissue", "tissue.tif", "--out", "new/tissue.geojson"],
      /^new\/tissue\.geojson: already exists; pass another file, or --overwrite$/,
    ],
    [["slides", "tissue", "tissue.tif", "--out", "tissue.tif"], /named like an image/],
    [["slides", "tissue", "none.svs", "--out", "none.geojson"], /^none\.svs: cannot be read: no such file/],
    [["slides", "tissue", "empty.tif", "--out", "empty.geojson"], /^empty\.tif: no tissue was found; nothing is written$/],
  );
  assert.ok(!existsSync(join(dir, "empty.geojson")));
  succeed(dir, "slides", "tissue", "tissue.tif", "--out", "new/tissue.geojson", "--overwrite");
});
