import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { rectangleRing, regionAt } from "../geometry/region.ts";
import { openSlide } from "./open-slide.ts";
import { pyramid, writeSlide } from "./slide.fixture.ts";
import { MADE_MICRONS, type MadeOptions, type MadeSlide, madeSlide } from "./tissue.fixture.ts";
import { findTissue, wholeSlide } from "./tissue.ts";

const dir = mkdtempSync(join(tmpdir(), "tissue-"));
after(() => rmSync(dir, { recursive: true }));

async function tissueFound({ image }: MadeSlide, mpp: number | null = MADE_MICRONS) {
  const resolution = mpp === null ? undefined : 10_000 / mpp;
  const slide = await openSlide(await writeSlide(join(dir, "made.tif"), { levels: pyramid(image), resolution }));
  const tissue = await findTissue(slide);
  slide.close();
  return tissue;
}

/** The parts of the tissue and of the glass that are found to be tissue. */
function parts(tissue: ReturnType<typeof wholeSlide>, { image: { width, height }, truth }: MadeSlide) {
  const [found, all] = [
    [0, 0],
    [0, 0],
  ];
  for (let y = 1; y < height; y += 2)
    for (let x = 1; x < width; x += 2) {
      const is = truth[y * width + x];
      if (is > 1) continue;
      all[is]++;
      if (tissue.part({ x, y, width: 1, height: 1 }) >= 0.5) found[is]++;
    }
  return { tissue: found[1] / all[1], glass: found[0] / all[0] };
}

const everything = { pen: true, bubbles: true, dust: true, glassEdge: true };
const slides: { readonly [name: string]: Omit<MadeOptions, "seed"> } = {
  "H&E": { kind: "mitosis", strength: [1, 1] },
  "pale H&E": { kind: "mitosis", strength: [0.35, 0.35], glass: [249, 249, 249] },
  "dark H&E on yellow glass": { kind: "mitosis", strength: [1.8, 1.8], glass: [232, 228, 214] },
  IHC: { kind: "ki67", strength: [1, 1] },
  "pale IHC": { kind: "ki67", strength: [0.5, 0.6] },
  "IHC without brown": { kind: "ki67", strength: [0.6, 0.02] },
  "dark IHC": { kind: "ki67", strength: [1.6, 1.8], glass: [236, 236, 238] },
  "H&E with pen": { kind: "mitosis", strength: [1, 1], pen: true },
  "IHC with pen": { kind: "ki67", strength: [0.8, 0.8], pen: true },
  "H&E with bubbles and dust": { kind: "mitosis", strength: [0.8, 0.8], bubbles: true, dust: true },
  "IHC with an edge of glass": { kind: "ki67", strength: [0.8, 0.8], glassEdge: true },
  "H&E in a black border": { kind: "mitosis", strength: [0.8, 0.8], blackBorder: true },
  "IHC in white padding": { kind: "ki67", strength: [0.7, 0.7], padding: true, glass: [238, 236, 232] },
  "pale H&E with everything": { kind: "mitosis", strength: [0.45, 0.45], ...everything, blackBorder: true },
  "pale IHC with everything": { kind: "ki67", strength: [0.6, 0.6], ...everything, padding: true },
};

for (const [i, [name, options]] of Object.entries(slides).entries())
  test(`tissue: ${name}`, async (t) => {
    const made = madeSlide({ seed: i + 1, ...options });
    const { tissue, glass } = parts(await tissueFound(made), made);
    t.diagnostic(`${(100 * tissue).toFixed(2)} % of the tissue, ${(100 * glass).toFixed(2)} % of the glass`);
    assert.ok(tissue >= 0.99, `${tissue} of the tissue`);
    assert.ok(glass <= 0.05, `${glass} of the glass`);
  });

test("nothing is found on glass alone, whatever lies on it, and everything where there is no glass", async () => {
  for (const kind of ["mitosis", "ki67"] as const) {
    const empty = { seed: 31, kind, strength: [1, 1], tissue: "none", ...everything, blackBorder: true } as const;
    const glass = await tissueFound(madeSlide({ ...empty, dust: false }));
    assert.deepEqual([glass.regions, glass.areaPx, glass.mm2, glass.share], [[], 0, 0, 0]);
    assert.ok(!glass.touches(0, 0, 2400, 1600));
    const dusty = await tissueFound(madeSlide(empty));
    assert.ok(dusty.share < 0.01, `${dusty.share}: only fibres that touch`);
    const all = await tissueFound(madeSlide({ seed: 32, kind, strength: [0.6, 0.6], width: 900, height: 700, tissue: "all" }));
    assert.ok(all.share > 0.995, String(all.share));
  }
});

test("without microns, and of another colour of glass, the same tissue", async () => {
  const made = madeSlide({ seed: 41, kind: "mitosis", strength: [0.7, 0.7], glass: [220, 218, 210] });
  const unknown = await tissueFound(made, null);
  assert.equal(unknown.mm2, null);
  const { tissue, glass } = parts(unknown, made);
  assert.ok(tissue >= 0.99 && glass <= 0.05, `${tissue} ${glass}`);
});

const square = { width: 8000, height: 4000, mpp: { x: 0.5, y: 0.5, from: "given" } };
const areaOf = (...rings: number[][]) => ({
  holds: (x: number, y: number) => regionAt([{ kind: "complete", rings }], x, y) !== null,
});
const inSquare = () =>
  wholeSlide(square).within(areaOf(rectangleRing(1600, 800, 3200, 2400), rectangleRing(2000, 1200, 2400, 1600)));

test("tissue inside of regions, with their holes: area, share, windows", () => {
  const tissue = inSquare();
  const area = 1600 ** 2 - 400 ** 2;
  assert.equal(tissue.areaPx, area);
  assert.equal(tissue.mm2, (area * 0.25) / 1e6);
  assert.equal(tissue.share, area / (8000 * 4000));
  assert.equal(tissue.part({ x: 1600, y: 800, width: 1600, height: 1600 }), area / 1600 ** 2);
  assert.equal(tissue.part({ x: 1200, y: 1000, width: 800, height: 100 }), 0.5);
  assert.ok(Math.abs(tissue.part({ x: 1596.5, y: 900, width: 5, height: 5 }) - 0.3) < 1e-9);
  assert.equal(tissue.part({ x: -9000, y: -9000, width: 18_000, height: 18_000 }), area / 18_000 ** 2);
  assert.ok(!tissue.touches(2100, 1300, 2300, 1500), "in the hole");
  assert.ok(!tissue.touches(0, 0, 1600, 4000));
  assert.ok(tissue.touches(0, 0, 1601, 4000));
  assert.ok(!tissue.touches(9000, 1000, 9100, 1100));
  const places = [
    [1600, 800],
    [1599, 800],
    [2200, 1400],
    [3199, 2399],
    [3200, 2399],
    [-1, -1],
    [9000, 9000],
  ];
  assert.deepEqual(
    places.map(([x, y]) => tissue.holds(x, y)),
    [true, false, false, true, false, false, false],
  );
  assert.equal(tissue.within(areaOf(rectangleRing(0, 0, 2000, 4000))).areaPx, 400 * 1600);
});

test("a piece of tissue is its outline and its holes", () => {
  const [rings, ...others] = inSquare().regions;
  assert.deepEqual([rings.length, others.length], [2, 0]);
  const [outline, hole] = rings.map((ring) => [0, 1].map((axis) => ring.filter((_, i) => i % 2 === axis)));
  const bounds = ([xs, ys]: number[][]) => [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  assert.deepEqual(bounds(outline), [1600, 800, 3200, 2400]);
  assert.deepEqual(bounds(hole), [2000, 1200, 2400, 1600]);
  assert.equal(wholeSlide(square).areaPx, 8000 * 4000);
});
