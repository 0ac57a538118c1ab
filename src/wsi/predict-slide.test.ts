import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { polygonArea } from "../geometry/search-area.ts";
import { Random } from "../random.ts";
import { wholeSlide } from "../slides/tissue.ts";
import { madeFinder, madeSlide } from "./made-slide.fixture.ts";
import { isPredicted, predictSlide, type SlidePrediction } from "./predict-slide.ts";

const root = mkdtempSync(join(tmpdir(), "predict-slide-"));
after(() => {
  if (mounted) spawnSync("umount", [small]);
  rmSync(root, { recursive: true });
});
const small = join(root, "small");
mkdirSync(small);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]).status === 0;
let folders = 0;
const newFolder = (): string => join(root, String(folders++));

const slide = madeSlide({});
const predict = (change: Partial<SlidePrediction> & Pick<SlidePrediction, "files">) =>
  predictSlide({
    detector: madeFinder,
    slide,
    name: "made.svs",
    classes: ["Positive", "Negative"],
    settings: { "--score": 0.5 },
    window: 512,
    ...change,
  });

test("all cells are in the file, counted by class, and nothing else is left", async () => {
  const dir = newFolder();
  const steps: number[] = [];
  const outcome = await predict({ files: [join(dir, "a.csv")], onProgress: ({ windows }) => steps.push(windows) });
  const positive = slide.cells.filter(({ label }) => label === 1).length;
  assert.deepEqual([outcome.cells, outcome.byClass], [slide.cells.length, [positive, slide.cells.length - positive]]);
  assert.deepEqual(
    steps,
    [...Array(outcome.windows).keys()].map((i) => i + 1),
  );
  const lines = readFileSync(join(dir, "a.csv"), "utf8").trim().split("\n");
  assert.equal(lines.length, 1 + slide.cells.length);
  assert.deepEqual(readdirSync(dir), ["a.csv"]);
});

test("progress is tissue searched of all the tissue, also after an interruption", async () => {
  const dir = newFolder();
  const area = {
    holds: (x: number, y: number) => x < 700 && y < 1300,
    touches: (x1: number, y1: number) => x1 < 700 && y1 < 1300,
  };
  const tissue = wholeSlide(slide).within(area);
  const seen: { searched: number; of: number }[] = [];
  const stop = 3; // windows
  const onProgress: SlidePrediction["onProgress"] = ({ mm2, windows }) => {
    seen.push(mm2 ?? assert.fail());
    if (windows === stop && seen.length === stop) throw new RangeError("stopped");
  };
  const files = [join(dir, "a.csv")];
  await assert.rejects(predict({ files, area, tissue, onProgress }), /stopped/);
  await predict({ files, area, tissue, onProgress });
  const all = (700 * 1300 * 0.25) / 1e6;
  for (const { of } of seen) assert.ok(Math.abs(of / all - 1) < 0.02, `${of} mm²`);
  assert.ok(Math.abs((seen.at(-1)?.searched ?? 0) - seen[0].of) < 1e-6);
  const again = seen.slice(stop);
  assert.ok(again[0].searched > 0 && again[0].searched <= seen[stop - 1].searched, "what was searched before is counted");
  assert.ok(again.every(({ searched }, i) => i === 0 || searched >= again[i - 1].searched));
});

test("an existing file is refused before the search, or replaced when asked", async () => {
  const dir = newFolder();
  const files = [join(dir, "a.csv"), join(dir, "a.geojson")];
  await predict({ files: [files[0]] });
  writeFileSync(files[1], "mine");
  const reads = slide.reads;
  await assert.rejects(predict({ files }), { name: "UserError", message: /a\.csv: already exists; .*--overwrite$/ });
  await assert.rejects(predict({ files: [files[1]] }), /a\.geojson: already exists/);
  assert.equal(slide.reads, reads);
  await predict({ files, overwrite: true });
  assert.match(readFileSync(files[1], "utf8"), /^\{"type":"FeatureCollection"/);
});

test("a finished slide is known by its settings", async () => {
  const dir = newFolder();
  const done = {
    files: [join(dir, "a.csv")],
    settingsFile: join(dir, "settings.json"),
    settings: { "--score": 0.5, model: "x" },
  };
  assert.equal(isPredicted(done), false);
  await predict(done);
  assert.equal(isPredicted(done), true);
  assert.equal(isPredicted({ ...done, settings: { "--score": 0.4, model: "x" } }), false);
  rmSync(done.files[0]);
  assert.equal(isPredicted(done), false);
});

test("a search goes on with the same settings only", async () => {
  const dir = newFolder();
  const files = [join(dir, "a.csv")];
  let windows = 0;
  const failing = {
    ...madeFinder,
    detect: (...seen: Parameters<typeof madeFinder.detect>) => {
      if (++windows > 12) throw new RangeError("stopped");
      return madeFinder.detect(...seen);
    },
  };
  await assert.rejects(predict({ detector: failing, files }), /stopped/);
  assert.deepEqual(readdirSync(dir), ["a.csv.partial"]);
  await assert.rejects(predict({ files, settings: { "--score": 0.4 } }), {
    name: "UserError",
    message:
      /a\.csv\.partial: was begun with another --score \(0\.5, now 0\.4\); go on with the same settings, or remove it to begin again$/,
  });
  await assert.rejects(predict({ files, settings: {} }), /another --score \(0\.5, now none\)/);
  const { resumedRows, cells } = await predict({ files });
  assert.deepEqual([resumedRows > 0, cells], [true, slide.cells.length]);
  const straight = newFolder();
  await predict({ files: [join(straight, "a.csv")] });
  assert.ok(readFileSync(files[0]).equals(readFileSync(join(straight, "a.csv"))));
  assert.deepEqual(readdirSync(dir), ["a.csv"]);
});

test("an area beside the slide, and a name of no known kind", async () => {
  const dir = newFolder();
  const area = polygonArea([[[9000, 0, 9100, 0, 9100, 100]]]);
  await assert.rejects(predict({ files: [join(dir, "a.csv")], area }), {
    name: "UserError",
    message: /^made\.svs: nothing of it lies in the area to search; /,
  });
  await assert.rejects(predict({ files: [join(dir, "a.xlsx")] }), /a\.xlsx: expected a name that ends with/);
  assert.equal(existsSync(dir), false);
});

const program = fileURLToPath(new URL("killed-search.fixture.js", import.meta.url));
const search = (dir: string, ...kill: string[]) =>
  spawnSync(process.execPath, ["--enable-source-maps", program, dir, ...kill], { encoding: "utf8" });

const contentOf = (dir: string) =>
  readdirSync(dir).map((name) => [
    name,
    createHash("sha256")
      .update(readFileSync(join(dir, name)))
      .digest("hex"),
  ]);

test("killed anywhere, also inside a write, it goes on to the same bytes", () => {
  const straight = newFolder();
  const { stdout, stderr } = search(straight);
  const total = JSON.parse(stdout || stderr) as { bytes: number; windows: number };
  const expected = contentOf(straight);
  assert.deepEqual(
    expected.map(([name]) => name),
    ["cells.csv", "cells.geojson.gz", "cells.json", "cells.parquet", "settings.json"],
  );
  const random = new Random(4);
  for (let trial = 0; trial < 6; trial++) {
    const dir = newFolder();
    const what = trial % 3 === 2 ? "windows" : "bytes";
    assert.equal(search(dir, what, String(1 + random.integer(total[what]))).signal, "SIGKILL");
    if (trial % 2 === 1) search(dir, what, String(1 + random.integer(total[what] / 2))); // killed again, or finished
    const { status, stderr } = search(dir);
    assert.ok(status === 0 || /already exists/.test(stderr), stderr);
    assert.deepEqual(contentOf(dir), expected, `trial ${trial}`);
  }
});

test("a full disk is one line; with room, the search goes on", {
  skip: mounted ? false : "needs the right to mount",
}, async () => {
  const straight = newFolder();
  await predict({ files: [join(straight, "a.geojson.gz")] });
  const file = join(small, "a.geojson.gz");
  const filling = join(small, "filling");
  for (const free of [0, 6, 12]) {
    writeFileSync(filling, "");
    writeFileSync(filling, Buffer.alloc(64 * 1024 - 4096 * free));
    await assert.rejects(predict({ files: [file] }), {
      name: "UserError",
      message: /^[^\n]*small\/a\.geojson\.gz[^\n]*: cannot be written: no space left on device; free some space/,
    });
    rmSync(filling);
    assert.equal(existsSync(file), false);
  }
  const larger = spawnSync("mount", ["-o", "remount,size=2m", small]);
  assert.equal(larger.status, 0);
  await predict({ files: [file] });
  assert.ok(readFileSync(file).equals(readFileSync(join(straight, "a.geojson.gz"))));
});
