// Co-mining (Wang et al., AAAI 2021, https://arxiv.org/abs/2012.01950; github.com/megvii-research/Co-mining, retinanet.py): one
// network sees two views of an image, A and B, and each view is annotated with what the network finds on the other:
//   Y′_A = Y_A ∪ { b ∈ D(B): score(b) > threshold and IoU(b, y) ≤ overlap for all y ∈ Y },   L = L(A, Y′_A) + L(B, Y′_B)
// D are the detections after non-maximum suppression, without gradient. Their second view has other colours; ours is also turned,
// so boxes are moved. They mine from the first step, with a RetinaNet, whose scores begin at 0.01; those of a softmax over two
// classes begin at 1/2, so ours waits. They compare boxes of one class; here a marked cell is not also one of another class.

import { noGrad, scope } from "@sparsecell/torch";
import type { Detector, FirstStage, ImageDetections } from "../detector/detector.ts";
import { fpn } from "../methods/fpn.ts";
import { number } from "../settings/setting.ts";
import { addedMeans, stageMeans, sumsOf } from "./means.ts";
import { procedureMethod } from "./method.ts";
import type { Procedure, View } from "./procedure.ts";
import { withFound } from "./pseudo-cells.ts";

export const coMining = procedureMethod({
  name: "co-mining",
  label: "FPN + co-mining",
  meaning: "cells found on one of two views of an image are annotated on the other",
  options: {
    threshold: number(0.6, "score above which what is found is taken for a cell", [0, 1]),
    overlap: number(0.4, "IoU with an annotated cell above which it is the same cell", [0, 1]),
    from: number(0.1, "fraction of the training after which cells are mined", [0, 1]),
  },
  procedure: ({ threshold, overlap, from }) => {
    const rule = { isCell: (score: number) => score > threshold, overlap };
    return (): Procedure => ({
      secondView: true,
      losses({ detector, batch, progress, random }) {
        const views = [batch, batch.second as View];
        const stages = views.map(({ images }) => detector.firstStage(images, "train"));
        const found = progress < from ? null : stages.map((first) => foundOn(detector, first));
        const [a, b] = views.map((view, v) => {
          const known = found ? withFound(view, found[1 - v], views[1 - v], rule) : view.known;
          const options = { calibration: fpn(), progress, random };
          return stageMeans(
            detector.firstStageLoss(stages[v], known, options),
            detector.secondStageLoss(stages[v], known, options),
          );
        });
        const means = addedMeans(a, b);
        return { losses: sumsOf(means), means };
      },
    });
  },
});

/** What a detector finds on the images of a first stage, within the limits of a prediction. */
const foundOn = (detector: Detector, first: FirstStage): ImageDetections[] =>
  noGrad(() => scope(() => detector.detections({ ...first, proposals: detector.proposals(first, "test") })));
