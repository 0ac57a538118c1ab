import assert from "node:assert/strict";
import { test } from "node:test";
import { scope } from "@sparsecell/torch";
import type { Detector, ImageDetections } from "../detector/detector.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { iou } from "../geometry/box.ts";
import { boxAt, fromBoxes, toBoxes } from "../geometry/rows.ts";
import { fpn } from "../methods/fpn.ts";
import type { Procedure, TrainingStep } from "./procedure.ts";
import { selfTraining } from "./self-training.ts";
import { first, smallDetector, stepOn } from "./views.fixture.ts";

/** A procedure and its detector, for the length of a test. */
function withDetector(
  options: Parameters<typeof selfTraining>[0],
  body: (procedure: Procedure, detector: Detector) => void,
): void {
  const detector = smallDetector();
  const procedure = selfTraining(options).procedure(detector);
  body(procedure, detector);
  procedure.release?.();
  detector.release();
}

const numbersOf = (losses: object): Record<string, number> =>
  Object.fromEntries(Object.entries(losses).map(([part, loss]) => [part, loss.item()]));

/** Takes a step of the procedure, without any change of the weights. */
const step = (procedure: Procedure, given: TrainingStep): Record<string, number> =>
  scope(() => {
    const { losses, observed = {} } = procedure.losses(given);
    procedure.afterStep?.(given, observed);
    return numbersOf(losses);
  });
const plainLosses = (detector: Detector, { progress, random }: TrainingStep, known: readonly KnownCells[]) =>
  scope(() => numbersOf(detector.losses(first.images, known, { calibration: fpn(), progress, random })));

/** The rule of a round, box after box. */
function slowRule(known: KnownCells, found: ImageDetections, threshold: number, overlap: number): KnownCells {
  const boxes = toBoxes(known.boxes);
  const labels = [...known.labels];
  for (const [k, score] of found.scores.entries()) {
    const box = boxAt(found.boxes, k);
    if (score < threshold || toBoxes(known.boxes).some((marked) => iou(marked, box) > overlap)) continue;
    boxes.push(box);
    labels.push(found.labels[k]);
  }
  return { ...known, boxes: fromBoxes(boxes), labels: Int32Array.from(labels) };
}
const relabelled = (found: readonly ImageDetections[], threshold: number, overlap: number): KnownCells[] =>
  first.known.map((known, n) => slowRule(known, found[n], threshold, overlap));
const countOf = (known: readonly KnownCells[]): number => known.reduce((sum, { labels }) => sum + labels.length, 0);

test("the first round is plain training; later ones have what the detector of the round before found", () => {
  withDetector({ rounds: 3, threshold: 0.34, overlap: 0.2 }, (procedure, detector) => {
    const start = stepOn(detector, 0.3);
    assert.deepEqual(step(procedure, start), plainLosses(detector, start, first.known));
    assert.deepEqual(procedure.report?.(), { round: 1, pseudoCells: 0 });

    const copied = detector.detect(first.images);
    const known = relabelled(copied, 0.34, 0.2);
    const added = countOf(known) - countOf(first.known);
    assert.ok(added > 4 && known[0].labels.length < first.known[0].labels.length + copied[0].labels.length, `${added} cells`);
    for (const progress of [1 / 3, 0.5]) {
      const later = stepOn(detector, progress);
      assert.deepEqual(step(procedure, later), plainLosses(detector, later, known));
      const { round, pseudoCells } = procedure.report?.() ?? {};
      assert.ok(round === 2 && Math.abs(pseudoCells - added) < 1e-9, `round ${round}, ${pseudoCells} cells`);
      detector.roi_heads.scaleOdds(1.3); // the copy of the round does not learn
    }

    const third = stepOn(detector, 2 / 3);
    const again = relabelled(detector.detect(first.images), 0.34, 0.2);
    assert.ok(countOf(again) > countOf(known));
    assert.deepEqual(step(procedure, third), plainLosses(detector, third, again));
  });
});

test("with a relative threshold, it is a part of the mean score of marked cells in the round so far", () => {
  withDetector({ rounds: 2, threshold: 0.9, relative: true, overlap: 0.1 }, (procedure, detector) => {
    const later = stepOn(detector, 0.5);
    assert.deepEqual(step(procedure, later), plainLosses(detector, later, first.known), "no marked cell was seen before");

    const found = detector.detect(first.images);
    const scores = first.known.flatMap(({ boxes, labels }, n) =>
      toBoxes(boxes).map((marked, g) => {
        const on = [...found[n].scores].filter(
          (_, k) => found[n].labels[k] === labels[g] && iou(marked, boxAt(found[n].boxes, k)) >= 0.1,
        );
        return Math.max(0, ...on);
      }),
    );
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    assert.ok(mean > 0.1, `${mean}`);
    const known = relabelled(found, 0.9 * mean, 0.1);
    assert.ok(countOf(known) > countOf(first.known));
    assert.deepEqual(step(procedure, later), plainLosses(detector, later, known));
  });
});
