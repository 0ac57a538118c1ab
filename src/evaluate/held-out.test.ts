import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Random } from "../random.ts";
import { type HeldOutMarks, type HeldOutQuality, heldOutQuality, recommended } from "./held-out.ts";
import type { Detection, Truth } from "./matching.ts";

/** Cells in a row, so far apart that none matches another's detection. */
const cell = (place: number): Truth => ({ imageId: 1, categoryId: 1, box: [40 * place, 0, 40 * place + 20, 20] });
const found = (place: number, score: number): Detection => ({ ...cell(place), score });
const at = (qualities: readonly HeldOutQuality[], score: number): HeldOutQuality => qualities[Math.round(100 * score)];

const marks = [0, 1, 2, 3].map(cell);
const detections = [found(0, 0.9), found(1, 0.9), found(2, 0.9), found(7, 0.9), found(8, 0.2), found(9, 0.2)];

test("recall of held-out marks, and precision · recall where every cell has a mark", () => {
  const qualities = heldOutQuality({ marks, detections });
  assert.deepEqual([at(qualities, 0.5).found, at(qualities, 0.5).recall, at(qualities, 0.95).found], [3, 0.75, 0]);
  assert.ok(Math.abs(at(qualities, 0.5).measure - (3 / 4) * (3 / 4)) < 1e-6);
  assert.ok(Math.abs(at(qualities, 0.05).measure - (3 / 6) * (3 / 4)) < 1e-6);
  assert.ok(recommended(qualities).score > 0.2 && recommended(qualities).score < 0.9);
});

test("F1 where the completeness is known", () => {
  const f1 = (completeness: number): number => at(heldOutQuality({ marks, detections, completeness }), 0.5).measure;
  assert.ok(Math.abs(f1(1) - (2 * 3) / (4 + 4)) < 1e-6);
  assert.ok(Math.abs(f1(0.5) - (2 * 6) / (4 + 8)) < 1e-6, "8 cells, of which 6 are taken to be found, by 4 detections");
});

test("marks that training has seen count as if they were found as often as those that are held out", () => {
  const seen = [4, 5, 6].map(cell);
  const without = heldOutQuality({ marks: [...marks, ...seen].slice(0, 4), seen, detections });
  const memorised = [...detections, ...[4, 5, 6].map((place) => found(place, 1))];
  const withThem = heldOutQuality({ marks, seen, detections: memorised });
  assert.deepEqual(withThem, without);
  assert.ok(Math.abs(at(withThem, 0.5).measure - (7 * 0.75 ** 2) / (4 + 3 * 0.75)) < 1e-6);
});

test("places that stand for others count as often", () => {
  const elsewhere = (detection: Detection): Detection => ({ ...detection, imageId: 2 });
  const options = { marks, detections: [...detections, elsewhere(found(0, 0.9))] };
  const weighted = heldOutQuality({ ...options, weightOf: (imageId) => (imageId === 2 ? 3 : 1) });
  const repeated = heldOutQuality({
    ...options,
    detections: [...detections, ...[0, 1, 2].map((place) => elsewhere(found(place, 0.9)))],
  });
  weighted.forEach(({ measure }, k) => assert.ok(Math.abs(measure - repeated[k].measure) < 1e-9));
});

test("one lucky mark at a high score is not the best", () => {
  const many = Array.from({ length: 20 }, (_, place) => cell(place));
  const good = many.slice(1, 17).map((_, i) => found(i + 1, 0.5 + 0.01 * i));
  const wrong = Array.from({ length: 16 }, (_, i) => found(100 + i, 0.5 + 0.01 * i));
  const { score } = recommended(heldOutQuality({ marks: many, detections: [found(0, 0.99), ...good, ...wrong] }));
  assert.ok(score < 0.6, `${score}`);
});

test("without marks or detections every number is finite", () => {
  const nothing: HeldOutMarks[] = [
    { marks: [], detections: [] },
    { marks, detections: [] },
    { marks: [], detections },
    { marks, detections: [found(0, 1), found(9, 0)] },
  ];
  for (const held of nothing)
    for (const completeness of [undefined, 1])
      for (const quality of heldOutQuality({ ...held, completeness })) assert.ok(Object.values(quality).every(Number.isFinite));
});

interface Stored {
  readonly cells: number;
  readonly right: readonly number[];
  readonly wrong: readonly number[];
}

const stored = JSON.parse(readFileSync(new URL("../../test/golden/held-out.json", import.meta.url), "utf8"));

for (const training of ["sparse", "complete"])
  test(`a detector trained on ${training} annotations: the recommended score has nearly the best F1, whichever cells are marked`, () => {
    const { cells, right, wrong }: Stored = stored[training];
    const all = Array.from({ length: cells }, (_, place) => cell(place));
    const scored = [...right.map((score, k) => found(k, score)), ...wrong.map((score, k) => found(cells + k, score))];
    const f1 = (least: number): number => {
      const [hits, misses] = [right, wrong].map((scores) => scores.filter((score) => score >= least).length);
      return (2 * hits) / (hits + misses + cells);
    };
    const best = Math.max(...Array.from({ length: 100 }, (_, k) => f1(k / 100)));
    const lost = (part: number, seed: number): number => {
      const marks = new Random(seed).shuffled(all).slice(0, Math.round(part * cells));
      return best - f1(recommended(heldOutQuality({ marks, detections: scored })).score);
    };
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const mean = (part: number): number => seeds.reduce((sum, seed) => sum + lost(part, seed), 0) / seeds.length;
    assert.ok(lost(1, 0) < 0.002, "where every cell has a mark");
    assert.ok(mean(0.1) < 0.02, `34 marks of 339 cells: ${mean(0.1)}`);
    assert.ok(mean(0.2) < 0.015, `68 marks of 339 cells: ${mean(0.2)}`);
  });
