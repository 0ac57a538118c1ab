// Self-training: train, find, annotate what was found, train again (pseudo-labels; with detectors Rosenberg, Hebert and Schneiderman
// 2005, Sohn et al. 2020, https://arxiv.org/abs/2005.04757). What section 2.2.1 of Li et al. calls hard to control. Y are the marked
// cells of an image. In round r = 1 … R, of as many steps each, the labels are
//   Y_r = Y ∪ { b ∈ D_{r−1}: score(b) ≥ threshold and IoU(b, y) ≤ overlap for all y ∈ Y },   D_0 = ∅
// D_{r−1} is what the detector at the end of the round before finds: a copy, held while the round lasts. It searches the images of
// each step, which is the same as a search of all training images at the start of the round, save for the view: it sees the window
// and the augmentation of the step.
//
// Published thresholds for detectors go from 0.9 (Sohn et al.) to 0.5 (Soft Teacher's first filter; the plain teacher for sparse
// annotations in github.com/Whileherham/CalibratedTeacher). A detector that learned from a tenth of the marks scores many hidden
// cells below that, so the default is the smallest. `relative` takes the threshold of Elkan and Noto (KDD 2008,
// https://doi.org/10.1145/1401890.1401920): where marks are missing at random, p(marked | x) = c p(cell | x), and c is the mean of
// p(marked | x) over marked cells; so what scores at least threshold · c is a cell with a probability of at least the threshold.
// Here c is the mean score of marked cells of training images in the round so far. These are partly learned by heart, so c is too
// large rather than too small. Each round continues with the weights and the learning rate of the round before: a new network in
// each would have a fraction of the steps that other methods have.

import { fpn } from "../methods/fpn.ts";
import { flag, number, whole } from "../settings/setting.ts";
import { procedureMethod } from "./method.ts";
import { type Procedure, plain } from "./procedure.ts";
import { averageNext, averageNow, countAdded, markedScores, noAverage, withFound } from "./pseudo-cells.ts";
import { restoreTeacher, teacherTensors } from "./state.ts";
import { Teacher } from "./teacher.ts";

export const selfTraining = procedureMethod({
  name: "self-training",
  label: "FPN + self-training",
  meaning: "in rounds: what the detector of the round before finds is annotated",
  options: {
    rounds: whole(3, "rounds, of as many steps each; the first has the marked cells alone", [1, 1000]),
    threshold: number(0.5, "score from which what is found is taken for a cell", [0, 1]),
    relative: flag(false, "the threshold is a part of the mean score of the marked cells"),
    overlap: number(0.5, "IoU with a marked cell above which it is the same cell", [0, 1]),
  },
  procedure:
    ({ rounds, threshold, relative, overlap }) =>
    (student): Procedure => {
      const inner = plain(fpn());
      const copy = new Teacher(student, 0);
      let memory = beginning(0, noAverage());
      const least = (): number => (relative ? (threshold * memory.marked[0]) / memory.marked[1] : threshold); // NaN: none is found
      return {
        losses(step) {
          const { detector, batch, progress } = step;
          const round = Math.floor(rounds * progress + 1e-9);
          if (round !== memory.round[0]) {
            copy.update(detector);
            memory = beginning(round, memory.added);
          }
          if (round === 0) return inner.losses(step);
          const found = copy.detector.detect(batch.images);
          const rule = { isCell: (score: number) => score >= least(), overlap };
          const known = withFound(batch, found, batch, rule);
          const scores = batch.known.flatMap((cells, n) => markedScores(found[n], cells, overlap));
          const marked = Float64Array.of(
            scores.reduce((sum, score) => sum + score, 0),
            scores.length,
          );
          const { losses, means } = inner.losses({ ...step, batch: { ...batch, known } });
          return {
            losses,
            means,
            observed: { added: Float64Array.of(countAdded(known, batch.known)), marked },
          };
        },
        afterStep(_, { added, marked }) {
          if (!added) return;
          memory = {
            ...memory,
            added: averageNext(memory.added, added[0]),
            marked: memory.marked.map((value, i) => value + marked[i]),
          };
        },
        report: () => ({ round: 1 + memory.round[0], pseudoCells: averageNow(memory.added) }),
        state: () => teacherTensors(copy, memory),
        loadState(tensors) {
          memory = { ...memory, ...restoreTeacher(copy, memory, tensors) };
        },
        release: () => copy.release(),
      };
    },
});

/** What it remembers: the round, the sum and the number of the scores of marked cells in it, and how many cells a step adds. */
interface Memory {
  readonly [name: string]: Float64Array;
  readonly round: Float64Array;
  readonly marked: Float64Array;
  readonly added: Float64Array;
}

const beginning = (round: number, added: Float64Array): Memory => ({
  round: Float64Array.of(round),
  marked: new Float64Array(2),
  added,
});
