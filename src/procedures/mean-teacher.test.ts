import assert from "node:assert/strict";
import { test } from "node:test";
import { scope } from "@sparsecell/torch";
import type { Detector, ImageDetections } from "../detector/detector.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { iou } from "../geometry/box.ts";
import { boxAt, fromBoxes, toBoxes } from "../geometry/rows.ts";
import type { Calibration } from "../methods/calibration.ts";
import { fpn } from "../methods/fpn.ts";
import { fiou } from "./fiou.ts";
import { meanTeacher } from "./mean-teacher.ts";
import type { Procedure, TrainingStep } from "./procedure.ts";
import { movedTo } from "./pseudo-cells.ts";
import { calibrated, count, fitScores, noCounts } from "./score-calibration.ts";
import { Teacher } from "./teacher.ts";
import { first, second, smallDetector, stepOn } from "./views.fixture.ts";

/** So that an untrained detector finds cells, some of them on marked ones. */
const eager = { from: 0.2, score: 0.3, threshold: 0.3, match: 0.2, overlap: 0.1, decay: 0.9 };

function withDetector(
  options: Parameters<typeof meanTeacher>[0],
  body: (procedure: Procedure, detector: Detector) => void,
): void {
  const detector = smallDetector();
  const procedure = meanTeacher(options).procedure(detector);
  body(procedure, detector);
  procedure.release?.();
  detector.release();
}

const numbersOf = (losses: object): Record<string, number> =>
  Object.fromEntries(Object.entries(losses).map(([part, loss]) => [part, loss.item()]));
const step = (procedure: Procedure, given: TrainingStep): Record<string, number> =>
  scope(() => {
    const { losses, observed = {} } = procedure.losses(given);
    procedure.afterStep?.(given, observed);
    return numbersOf(losses);
  });
const plainLosses = (
  detector: Detector,
  { progress, random }: TrainingStep,
  known: readonly KnownCells[],
  calibration: Calibration = fpn(),
) => scope(() => numbersOf(detector.losses(first.images, known, { calibration, progress, random })));

/** The published rule, box after box. `right`: what the calibrated score of a score is. */
function slowRule(n: number, found: ImageDetections, right: (score: number) => number): KnownCells {
  const known = first.known[n];
  const boxes = toBoxes(known.boxes);
  const labels = [...known.labels];
  for (const [k, score] of found.scores.entries()) {
    const box = boxAt(movedTo(fromBoxes([boxAt(found.boxes, k)]), second, first, n), 0);
    if (score < eager.score || right(score) < eager.threshold) continue;
    if (toBoxes(known.boxes).some((marked) => iou(marked, box) > eager.overlap)) continue;
    boxes.push(box);
    labels.push(found.labels[k]);
  }
  return { ...known, boxes: fromBoxes(boxes), labels: Int32Array.from(labels) };
}
const countOf = (known: readonly KnownCells[]): number => known.reduce((sum, { labels }) => sum + labels.length, 0);

/** Whether each detection on a marked cell of the second view matches it, with its score. */
const onMarked = (found: readonly ImageDetections[]): [number, boolean][] =>
  found.flatMap((image, n) =>
    [...image.scores].flatMap((score, k): [number, boolean][] => {
      const marked = toBoxes(second.known[n].boxes).map((cell, g) => ({
        overlap: iou(cell, boxAt(image.boxes, k)),
        isOfClass: second.known[n].labels[g] === image.labels[k],
      }));
      if (score < eager.score || marked.every(({ overlap }) => overlap <= eager.overlap)) return [];
      return [[score, marked.some(({ overlap, isOfClass }) => overlap > eager.match && isOfClass)]];
    }),
  );

test("the student is annotated with what the teacher finds on the other view, by scores that marked cells calibrate", () => {
  withDetector(eager, (procedure, detector) => {
    const early = stepOn(detector, 0.1);
    assert.deepEqual(step(procedure, early), plainLosses(detector, early, first.known));

    const teacher = new Teacher(detector, eager.decay);
    const counts = noCounts();
    for (const number of [2, 3]) {
      const now = { ...stepOn(detector), step: number };
      const found = teacher.detector.detect(second.images);
      const map = fitScores(counts);
      const known = found.map((image, n) => slowRule(n, image, (score) => calibrated(score, map)));
      assert.ok(countOf(known) > countOf(first.known), `step ${number}`);
      assert.deepEqual(step(procedure, now), plainLosses(detector, now, known), `step ${number}`);

      const kept = teacher.decayAt(number);
      assert.ok(kept < eager.decay);
      counts.forEach((value, i) => (counts[i] = kept * value));
      const seen = onMarked(found);
      assert.ok(seen.some(([, matches]) => matches) && seen.some(([, matches]) => !matches), `step ${number}`);
      for (const [score, matches] of seen) count(counts, score, matches);
      teacher.update(detector, kept);
      detector.roi_heads.scaleOdds(1.5);
    }
    const difference = (procedure.report?.().calibratedHalf ?? 0) - calibrated(0.5, fitScores(counts));
    assert.ok(Math.abs(difference) < 1e-9, `${difference}`); // counts are added up in another order
    teacher.release();
  });
});

test("a threshold that no calibrated score reaches leaves the plain loss; with fiou, its weights", () => {
  for (const [weighed, calibration] of [
    [false, fpn()],
    [true, fiou],
  ] as const)
    withDetector({ ...eager, threshold: 1, fiou: weighed }, (procedure, detector) => {
      const now = stepOn(detector);
      assert.deepEqual(step(procedure, now), plainLosses(detector, now, first.known, calibration));
      assert.equal(procedure.report?.().pseudoCells, 0);
    });
  assert.equal(meanTeacher({ fiou: true }).calibration, fiou);
});
