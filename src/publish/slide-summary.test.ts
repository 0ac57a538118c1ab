import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { JSDOM } from "jsdom";
import sharp from "sharp";
import { openSlide } from "../slides/open-slide.ts";
import { picture, pyramid, writeSlide } from "../slides/slide.fixture.ts";
import { SlideSummary } from "../slides/summary.ts";
import { wholeSlide } from "../slides/tissue.ts";
import { writeSummaryPage } from "./slide-summary.ts";

const root = mkdtempSync(join(tmpdir(), "slide-summary-"));
after(() => rmSync(root, { recursive: true }));

async function written(options: { mpp?: number; classes: string[]; cells: number; badTiles?: string[]; none?: boolean }) {
  const { mpp, classes, cells, badTiles, none = false } = options;
  const file = await writeSlide(join(root, "a & <b>.tif"), { levels: pyramid(picture(1500, 900)) });
  const slide = await openSlide(file, { mpp });
  const tissue = wholeSlide(slide).within({ holds: (x) => !none && x < 750 });
  const summary = new SlideSummary({ slide, tissue, classes, hotSpotMm2: 0.5 });
  for (let i = 0; i < cells; i++) summary.add({ x: (i * 37) % 700, y: (i * 91) % 900, classIndex: i % classes.length });
  const [page, json] = [join(root, "out", "a.html"), join(root, "out", "a.json")];
  const facts = [{ label: "model", value: "runs/<a>" }];
  const numbers = await writeSummaryPage({ slide, tissue, summary, page, json, badTiles, notes: ["A note."], facts });
  slide.close();
  const text = readFileSync(page, "utf8");
  const { document } = new JSDOM(text).window;
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)].map((element) => element.textContent.replace(/\s+/g, " ").trim());
  return { numbers, text, document, texts, json: JSON.parse(readFileSync(json, "utf8")) };
}

test("numbers, pictures, table and where all came from, on one page that loads nothing", async () => {
  const badTiles = Array.from({ length: 7 }, (_, i) => `level 0, column ${i}`);
  const { numbers, text, document, texts, json } = await written({
    mpp: 2,
    classes: ["positive", "negative"],
    cells: 3001,
    badTiles,
  });
  assert.deepEqual(json, { ...JSON.parse(JSON.stringify(numbers)), badTiles, notes: ["A note."] });
  assert.deepEqual(texts("h1"), ["a & <b>.tif"]);
  const { hotSpot } = numbers;
  assert.ok(hotSpot);
  assert.deepEqual(texts(".answer"), [
    "3,001 cells in 2.69 mm² of tissue: 1,114 per mm².",
    `Labelling index: 50.0 %; in the hot spot ${(100 * (hotSpot.labelling?.index ?? 0)).toFixed(1)} %.`,
    `Hot spot: ${hotSpot.cells} cells of “positive” in 0.50 mm², ${Math.round(2 * hotSpot.cells)} per mm².`,
  ]);
  assert.deepEqual(texts(".warnings li"), [
    "A note.",
    "7 parts of the file cannot be decoded and were not searched: level 0, column 0; level 0, column 1; level 0, column 2; level 0, column 3; level 0, column 4; and 2 more.",
  ]);
  assert.deepEqual(texts("tbody th"), ["positive", "negative", "all"]);
  assert.deepEqual(texts("h4"), ["The slide", "Cells of “positive” per mm²"]);
  assert.ok(texts("dd").includes("2.0000 (given)") && texts("dd").includes("runs/<a>"));
  assert.ok(texts("svg text").includes("1,000 µm"));
  const sizes = await Promise.all(
    [...document.querySelectorAll("image")].map(async (image) => {
      const [, kind, base64] = /^data:image\/(\w+);base64,(.*)$/.exec(image.getAttribute("href") ?? "") ?? [];
      const { format, width, height } = await sharp(Buffer.from(base64, "base64")).metadata();
      assert.equal(format, kind);
      return [format, width, height];
    }),
  );
  const columns = Math.ceil(3000 / (Math.sqrt(0.5e6) / 14));
  assert.deepEqual(sizes, [
    ["jpeg", 1120, 672],
    ["jpeg", 1120, 672],
    ["png", columns, Math.ceil(1800 / (Math.sqrt(0.5e6) / 14))],
  ]);
  assert.ok(!/<script|https?:|url\((?!#)/i.test(text.replace(/xmlns(:\w+)?="[^"]*"/g, "")), "nothing from elsewhere");
});

test("without microns, without cells, without tissue: the page says so", async () => {
  const unknown = await written({ classes: ["cell"], cells: 50 });
  assert.deepEqual(unknown.texts(".answer"), ["50 cells."]);
  assert.match(unknown.texts(".warnings").join(), /does not say how many microns a pixel spans/);
  assert.ok(unknown.texts("svg text").some((text) => /not to scale/.test(text)));
  const empty = await written({ mpp: 0.5, classes: ["cell"], cells: 0, none: true });
  assert.deepEqual(empty.texts(".answer"), ["0 cells in 0 mm² of tissue."]);
  assert.match(empty.texts(".warnings").join(), /No tissue was found on the slide\./);
  assert.ok(empty.texts("svg text").includes("Nothing was found."));
  assert.equal(empty.numbers.hotSpot, null);
});
