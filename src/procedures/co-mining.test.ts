import assert from "node:assert/strict";
import { after, test } from "node:test";
import { scope } from "@sparsecell/torch";
import type { ImageDetections } from "../detector/detector.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { iou } from "../geometry/box.ts";
import { boxAt, fromBoxes, toBoxes } from "../geometry/rows.ts";
import { fpn } from "../methods/fpn.ts";
import { coMining } from "./co-mining.ts";
import type { TrainingStep, View } from "./procedure.ts";
import { movedTo } from "./pseudo-cells.ts";
import { first, second, smallDetector, stepOn } from "./views.fixture.ts";

const detector = smallDetector();
after(() => detector.release());

type Numbers = Record<string, number>;
const numbersOf = (losses: object): Numbers =>
  Object.fromEntries(Object.entries(losses).map(([part, loss]) => [part, loss.item()]));
const mined = (options: Parameters<typeof coMining>[0], step: TrainingStep): Numbers =>
  scope(() => numbersOf(coMining(options).procedure(detector).losses(step).losses));

/** The detector's losses on both views with these annotations, added up. */
function sumOfLosses({ progress, random }: TrainingStep, known: readonly (readonly KnownCells[])[]): Numbers {
  const options = { calibration: fpn(), progress, random };
  const [a, b] = [first, second].map(({ images }, v) => scope(() => numbersOf(detector.losses(images, known[v], options))));
  return Object.fromEntries(Object.keys(a).map((part) => [part, a[part] + b[part]]));
}

function assertNear(actual: Numbers, expected: Numbers): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const part of Object.keys(expected))
    assert.ok(Math.abs(actual[part] - expected[part]) < 1e-5, `${part}: ${actual[part]}, ${expected[part]}`);
}

test("before its part of the training, and where nothing is found, it is the sum of the plain losses on both views", () => {
  const plain = sumOfLosses(stepOn(detector), [first.known, second.known]);
  assertNear(mined({ from: 0.6 }, stepOn(detector, 0.5)), plain);
  assertNear(mined({ threshold: 1 }, stepOn(detector)), plain);
  assert.notDeepEqual(mined({ threshold: 0.3, from: 0.5 }, stepOn(detector, 0.5)), plain);
});

/** The published rule, box after box. */
function slowRule(
  known: KnownCells,
  found: ImageDetections,
  move: (box: Float32Array) => Float32Array,
  rule: { threshold: number; overlap: number },
): KnownCells {
  const boxes = toBoxes(known.boxes);
  const labels = [...known.labels];
  for (const [k, score] of found.scores.entries()) {
    if (!(score > rule.threshold)) continue;
    const box = boxAt(move(fromBoxes([boxAt(found.boxes, k)])), 0);
    if (toBoxes(known.boxes).some((marked) => iou(marked, box) > rule.overlap)) continue;
    boxes.push(box);
    labels.push(found.labels[k]);
  }
  return { ...known, boxes: fromBoxes(boxes), labels: Int32Array.from(labels) };
}

test("each view is annotated with what is found on the other and matches no annotation", () => {
  for (const rule of [
    { threshold: 0.3, overlap: 0.4 },
    { threshold: 0.34, overlap: 0.05 },
  ]) {
    const annotated = (view: View, other: View): KnownCells[] =>
      detector
        .detect(other.images)
        .map((found, n) => slowRule(view.known[n], found, (box) => movedTo(box, other, view, n), rule));
    const known = [annotated(first, second), annotated(second, first)];
    const added = known.flat().reduce((sum, { labels }) => sum + labels.length, 0) - 6;
    assert.ok(added > 4, `${added} cells`);
    assertNear(mined({ ...rule, from: 0 }, stepOn(detector)), sumOfLosses(stepOn(detector), known));
  }
});
