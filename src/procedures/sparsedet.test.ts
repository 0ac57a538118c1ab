import assert from "node:assert/strict";
import { after, test } from "node:test";
import { backward, noGrad, scope, Tensor } from "@sparsecell/torch";
import fc from "fast-check";
import type { KnownCells } from "../detector/known-cells.ts";
import { iou } from "../geometry/box.ts";
import { rectangleRing } from "../geometry/region.ts";
import { fromBoxes, toBoxes } from "../geometry/rows.ts";
import { roi, roisOf } from "../methods/calibration.fixture.ts";
import { uncalibrated } from "../methods/calibration.ts";
import { fpn } from "../methods/fpn.ts";
import { sparsedetMask } from "../methods/sparsedet-mask.ts";
import type { TrainingStep, View } from "./procedure.ts";
import { movedTo } from "./pseudo-cells.ts";
import { meanSquare, sparsedet, surelyFound, unmarkedProposals } from "./sparsedet.ts";
import { first, second, smallDetector, stepOn } from "./views.fixture.ts";

const detector = smallDetector();
after(() => detector.release());

type Numbers = Record<string, number>;
const numbersOf = (losses: object): Numbers =>
  Object.fromEntries(Object.entries(losses).map(([part, loss]) => [part, loss.item()]));
const lossesOf = (options: Parameters<typeof sparsedet>[0], step: TrainingStep): Numbers =>
  scope(() => numbersOf(sparsedet(options).procedure(detector).losses(step).losses));
const near = (a: number, b: number, what?: string): void =>
  assert.ok(Math.abs(a - b) < 1e-5 * (1 + Math.abs(b)), `${what}: ${a}, ${b}`);

const noCells: KnownCells = { boxes: new Float32Array(0), labels: new Int32Array(0) };
/** Everything is masked that does not overlap an annotated cell: an untrained first stage is sure of nothing. */
const eager = { objectness: 0.01, pseudo: 1 };

const box = fc
  .tuple(fc.nat(40), fc.nat(40), fc.integer({ min: 4, max: 20 }), fc.integer({ min: 4, max: 20 }))
  .map(([x, y, w, h]) => [x, y, x + w, y + h] as const);

test("property: the probable unmarked cells are those of a slow reference", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(box, fc.integer({ min: 0, max: 64 }))),
      fc.array(box, { maxLength: 3 }),
      (proposals, marked) => {
        const known = { boxes: fromBoxes(marked), labels: Int32Array.from(marked, () => 1) };
        const objectness = Float32Array.from(proposals, ([, score]) => score / 64);
        const slow: (readonly [number, number, number, number])[] = [];
        const byScore = [...proposals].sort(([, a], [, b]) => b - a);
        for (const [candidate, score] of byScore)
          if (
            score / 64 > 0.5 &&
            marked.every((cell) => iou(cell, candidate) <= 0.25) &&
            slow.every((kept) => iou(kept, candidate) <= 0.3)
          )
            slow.push(candidate);
        const fast = unmarkedProposals({ boxes: fromBoxes(proposals.map(([candidate]) => candidate)), objectness }, known, {
          objectness: 0.5,
          iou: 0.25,
        });
        assert.deepEqual(toBoxes(fast), slow);
      },
    ),
  );
});

test("what is known of a place is not unmarked", () => {
  const proposals = {
    boxes: fromBoxes([
      [0, 0, 8, 8],
      [20, 20, 28, 28],
      [40, 40, 48, 48],
    ]),
    objectness: Float32Array.of(1, 1, 1),
  };
  const limits = { objectness: 0.8, iou: 0.2 };
  const regions = [{ kind: "complete" as const, rings: [rectangleRing(0, 0, 10, 10)] }];
  const negatives = fromBoxes([[40, 40, 48, 48]]);
  assert.deepEqual(toBoxes(unmarkedProposals(proposals, { ...noCells, regions, negatives }, limits)), [[20, 20, 28, 28]]);
});

test("the consistency loss has the gradient of its formula on both sides, in float64", () => {
  const values = [0.5, -1, 2, 0.25, 3, -0.75];
  const others = [1, 0.5, -2, 0.25, 2.5, 1];
  const at = (list: number[]): Tensor => Tensor.from(list, [2, 3], { dtype: "float64" });
  const loss = (a: number[], b: number[]): number => scope(() => meanSquare(at(a), at(b)).item());
  scope(() => {
    const [a, b] = [at(values), at(others)];
    a.requiresGrad = b.requiresGrad = true;
    const value = meanSquare(a, b);
    near(value.item(), values.reduce((sum, v, i) => sum + (v - others[i]) ** 2, 0) / 6);
    backward(value);
    const changed = (list: number[], i: number, by: number) => list.map((v, k) => (k === i ? v + by : v));
    values.forEach((_, i) => {
      const h = 1e-6;
      const slopeA = (loss(changed(values, i, h), others) - loss(changed(values, i, -h), others)) / (2 * h);
      const slopeB = (loss(values, changed(others, i, h)) - loss(values, changed(others, i, -h))) / (2 * h);
      assert.ok(Math.abs((a.grad as Tensor).numbers()[i] - slopeA) < 1e-8);
      assert.ok(Math.abs((b.grad as Tensor).numbers()[i] - slopeB) < 1e-8);
    });
  });
});

/** Cell by cell: the squared distance of its features on both views, over all cells and features. */
function slowConsistency({ batch }: TrainingStep, limits: { objectness: number; iou: number }): number {
  return noGrad(() =>
    scope(() => {
      const stages = [first, second].map(({ images }) => detector.firstStage(images, "train"));
      let [sum, count] = [0, 0];
      for (const [n, known] of first.known.entries()) {
        const { width, height } = batch.images[n];
        const { width: otherWidth, height: otherHeight } = second.images[n];
        const scaled = (boxes: Float32Array, x: number, y: number) => boxes.map((value, i) => value * (i % 2 === 0 ? x : y));
        const seen = { ...known, boxes: scaled(known.boxes, 64 / width, 64 / height) };
        for (const cell of toBoxes(unmarkedProposals(stages[0].proposals[n], seen, limits))) {
          const onImage = scaled(fromBoxes([cell]), width / 64, height / 64);
          const moved = scaled(movedTo(onImage, first, second, n), 64 / otherWidth, 64 / otherHeight);
          const boxesOf = (boxes: Float32Array) => [0, 1].map((image) => (image === n ? boxes : new Float32Array(0)));
          const [a, b] = [fromBoxes([cell]), moved].map((boxes, v) =>
            detector.roi_heads.features(stages[v].pyramid, boxesOf(boxes)).numbers(),
          );
          a.forEach((value, d) => (sum += (value - b[d]) ** 2));
          count += a.length;
        }
      }
      assert.ok(count > 16 * 4, "several cells");
      return sum / count;
    }),
  );
}

test("the consistency loss is that of a slow reference, times its weight, from its part of the training on", () => {
  const step = stepOn(detector);
  const { consistency } = lossesOf(eager, step);
  near(consistency, slowConsistency(step, { objectness: 0.01, iou: 0.2 }), "consistency");
  assert.ok(consistency > 0);
  near(lossesOf({ ...eager, weight: 3 }, step).consistency, 3 * consistency, "weight");
  assert.equal(lossesOf({ ...eager, after: 0.6 }, step).consistency, 0);
  near(lossesOf(eager, stepOn(detector, 0.5, { first, second: first })).consistency, 0, "the same view twice");
  assert.equal(lossesOf({}, step).consistency, 0, "no proposal is sure");
});

test("the consistency loss moves the layers below the features of both views, and no prediction", () => {
  const gradients = scope(() => {
    backward(sparsedet(eager).procedure(detector).losses(stepOn(detector)).losses.consistency);
    return [...detector.parameters()].map(([name, weight]) => {
      const size = weight.grad?.abs().sum().item() ?? 0;
      weight.grad = null;
      return [name, size] as const;
    });
  });
  for (const [name, size] of gradients)
    if (/^(rpn|roi_heads\.box_predictor)/.test(name)) assert.equal(size, 0, name);
    else if (/^roi_heads\.box_head|conv1|layer4/.test(name)) assert.ok(size > 0, name);
});

test("the supervised losses: the first stage's on the first view, the second stage's the mean over both, with the same proposals", () => {
  const { progress, random } = stepOn(detector);
  const calibration = sparsedetMask({ objectness: 0.01 });
  const { consistency: _, ...twice } = lossesOf(eager, stepOn(detector, 0.5, { first, second: first }));
  const once = scope(() => numbersOf(detector.losses(first.images, first.known, { calibration, progress, random })));
  for (const part of Object.keys(once)) near(twice[part], once[part], part);

  const early = lossesOf({ pseudo: 1 }, stepOn(detector, 0.1));
  const plain = [first, second].map(({ images, known }) =>
    scope(() => numbersOf(detector.losses(images, known, { calibration: fpn(), progress, random }))),
  );
  near(early.rpnClass, plain[0].rpnClass, "rpnClass");
  assert.ok(Math.abs(early.roiClass - (plain[0].roiClass + plain[1].roiClass) / 2) < 0.1, "about the mean");
});

test("inside complete regions only the plain loss is left", () => {
  const complete = (view: View): View => ({
    ...view,
    known: view.known.map((known) => ({ ...known, regions: [{ kind: "complete", rings: [rectangleRing(-9, -9, 99, 99)] }] })),
  });
  const whole = stepOn(detector, 0.5, { first: complete(first), second: complete(second) });
  assert.deepEqual(lossesOf({ objectness: 0.01, pseudo: 0 }, whole), lossesOf({ after: 1, pseudo: 1 }, whole));
});

test("sure cells: of RoIs with a label, each once, of the most probable class", () => {
  const place = (x: number) => ({ box: [x, 0, x + 10, 10] });
  const rois = roisOf([
    roi(0, [0.02, 0.95, 0.03], place(0)),
    roi(0, [0.01, 0.97, 0.02], place(1)), // the same cell
    roi(0, [0.05, 0.05, 0.9], place(40)),
    roi(0, [0.02, 0.03, 0.95], place(80)), // masked
    roi(2, [0.04, 0.02, 0.94], place(120)),
    roi(0, [0.3, 0.6, 0.1], place(160)), // not sure
  ]);
  const calibrated = { ...uncalibrated(rois), classWeight: Float32Array.of(1, 1, 1, 0, 1, 1) };
  const { boxes, labels, scores } = surelyFound({ rois, calibrated }, 0.85);
  assert.deepEqual(
    toBoxes(boxes).map(([x]) => x),
    [1, 120, 40],
  );
  assert.deepEqual([...labels], [1, 2, 2]);
  assert.deepEqual([...scores], [0.97, 0.94, 0.9].map(Math.fround));
  assert.equal(surelyFound({ rois: roisOf([]), calibrated: uncalibrated(roisOf([])) }, 0.5).labels.length, 0);
});

test("what the first view is sure of is annotated on the second", () => {
  const none = lossesOf({ pseudo: 1 }, stepOn(detector));
  const some = lossesOf({ pseudo: 0.3 }, stepOn(detector));
  assert.equal(some.rpnClass, none.rpnClass);
  assert.ok(some.roiBox > none.roiBox, `${some.roiBox} > ${none.roiBox}`);
});
