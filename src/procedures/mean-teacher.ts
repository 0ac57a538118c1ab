// Mean teacher with calibrated scores: Calibrated Teacher (Wang et al., AAAI 2023; github.com/Whileherham/CalibratedTeacher,
// cali_read_and_cali.py). The teacher's weights are an exponential average of the student's (teacher.ts). It searches the second
// view B of an image, and what it finds is annotated on the student's view A:
//   Y′ = Y ∪ { b ∈ D(B): score(b) ≥ score, g(score(b)) ≥ threshold and IoU(b, y) ≤ overlap for all y ∈ Y },   L = L(A, Y′)
// g is a logistic calibration, so that one threshold fits every detector at every time (score-calibration.ts). It is learned from
// those detections alone whose truth is known, those on a marked cell (IoU > overlap): one that is within `match` of a cell of its
// class matches, another one misses. Unmarked cells take no part in it, so no cell is counted as a mistake because nobody marked
// it. What g knows is how exactly a score places a cell; it knows nothing of detections where there is no cell. Hence the strict
// IoU of 0.75, which they chose to make up for that, and the first filter by the score as it is.
//
// Where ours differs: they fit g again every 500 steps, from the detections of these; ours is fitted at every step, from counts that
// are forgotten as slowly as the teacher's weights. They also drop what is 90 % inside a marked box; cells have boxes of one size.
// Their teacher's view is augmented weakly and the student's strongly, ours both alike. They annotate after 500 of 180,000 steps,
// ours after a tenth of the training: their RetinaNet's scores begin at 0.01, those of a softmax over two classes at 1/2. The
// average forgets its first weights sooner than `decay` would (Teacher.decayAt), so that short trainings need no other decay.
// `fiou` adds their weights of background, w = ½ + 3/2 · (−¼ o² log(1 − o)) with o the IoU of the regressed box with the nearest
// annotated one (fiou.ts).

import type { Detector } from "../detector/detector.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { iou } from "../geometry/box.ts";
import { toBoxes } from "../geometry/rows.ts";
import { fpn } from "../methods/fpn.ts";
import { methodOf } from "../methods/method.ts";
import { flag, number } from "../settings/setting.ts";
import { fiou } from "./fiou.ts";
import { type Procedure, plain, type TrainingMethod, type View } from "./procedure.ts";
import { averageNext, averageNow, countAdded, noAverage, type PseudoCells, withFound } from "./pseudo-cells.ts";
import { calibrated, count, fitScores, type MatchCounts, noCounts } from "./score-calibration.ts";
import { restoreTeacher, teacherTensors } from "./state.ts";
import { Teacher } from "./teacher.ts";

const options = {
  decay: number(0.999, "part of the teacher's weights that a step keeps; less in the first steps", [0, 0.9999]),
  from: number(0.1, "fraction of the training after which the teacher looks for cells", [0, 1]),
  score: number(0.4, "score from which what it finds is considered", [0, 1]),
  threshold: number(0.7, "calibrated score from which it is taken for a cell", [0, 1]),
  match: number(0.75, "IoU with a marked cell above which a detection on it is counted as right", [0, 1]),
  overlap: number(0.5, "IoU with a marked cell above which a detection is on it", [0, 1]),
  fiou: flag(false, "background is weighed by its regressed box's IoU with annotated cells"),
};

export const meanTeacher = methodOf<typeof options, TrainingMethod>(
  {
    name: "mean-teacher",
    label: "FPN + mean teacher",
    meaning: "what an average of the detector finds on a second view, by calibrated scores, is annotated",
    options,
  },
  ({ decay, from, score: considered, threshold, match, overlap, fiou: weighed }) => {
    const calibration = weighed ? fiou : fpn();
    const procedure = (student: Detector): Procedure => {
      const inner = plain(calibration);
      const teacher = new Teacher(student, decay);
      let memory: { readonly matches: MatchCounts; readonly added: Float64Array } = { matches: noCounts(), added: noAverage() };
      return {
        secondView: true,
        losses(step) {
          const { batch, progress } = step;
          if (progress < from) return inner.losses(step);
          const second = batch.second as View;
          const found = teacher.detector.detect(second.images);
          const map = fitScores(memory.matches);
          const isCell = (score: number): boolean => score >= considered && calibrated(score, map) >= threshold;
          const known = withFound(batch, found, second, { isCell, overlap });
          const matches = noCounts();
          second.known.forEach((cells, n) => countMatches(matches, found[n], cells, { considered, match, overlap }));
          const { losses, means } = inner.losses({ ...step, batch: { ...batch, known } });
          return {
            losses,
            means,
            observed: { matches, added: Float64Array.of(countAdded(known, batch.known)) },
          };
        },
        afterStep({ detector, step }, { matches, added }) {
          const kept = teacher.decayAt(step);
          teacher.update(detector, kept);
          if (added)
            memory = {
              matches: memory.matches.map((value, i) => kept * value + matches[i]),
              added: averageNext(memory.added, added[0]),
            };
        },
        report: () => ({
          pseudoCells: averageNow(memory.added),
          calibratedHalf: calibrated(0.5, fitScores(memory.matches)),
        }),
        state: () => teacherTensors(teacher, memory),
        loadState(tensors) {
          memory = { ...memory, ...restoreTeacher(teacher, memory, tensors) };
        },
        release: () => teacher.release(),
      };
    };
    return { calibration, procedure };
  },
);

/** Counts the detections on marked cells, in place. */
function countMatches(
  counts: MatchCounts,
  { boxes, labels, scores }: PseudoCells,
  known: KnownCells,
  { considered, match, overlap }: { readonly considered: number; readonly match: number; readonly overlap: number },
): void {
  const marked = toBoxes(known.boxes);
  toBoxes(boxes).forEach((box, k) => {
    const overlaps = marked.map((cell) => iou(cell, box));
    if (scores[k] < considered || !overlaps.some((part) => part > overlap)) return;
    count(
      counts,
      scores[k],
      overlaps.some((part, g) => part > match && known.labels[g] === labels[k]),
    );
  });
}
