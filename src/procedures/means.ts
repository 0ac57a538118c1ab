// The means that the losses of a step are sums of, each with the number of things that it is over: what several processes need to
// come to the losses of the whole batch.

import type { Tensor } from "@sparsecell/torch";
import type { StageLoss, TrainingPass } from "../detector/detector.ts";
import type { RoiLoss } from "../detector/roi-loss.ts";
import type { RpnLoss } from "../detector/rpn-loss.ts";
import type { Mean } from "./procedure.ts";

/** By the names of losses. */
export type Means = { readonly [part: string]: readonly Mean[] };

/** Of losses that are means over the same things. */
export const meansOver = (losses: { readonly [part: string]: Tensor }, count: number): Means =>
  Object.fromEntries(Object.entries(losses).map(([part, mean]) => [part, [{ mean, count }]]));

export const passMeans = ({ losses: { rpnClass, rpnBox, roiClass, roiBox }, counts }: TrainingPass): Means => ({
  ...meansOver({ rpnClass, rpnBox }, counts.anchors),
  ...meansOver({ roiClass, roiBox }, counts.rois),
});

export const stageMeans = (rpn: StageLoss<RpnLoss, unknown>, roi: StageLoss<RoiLoss>): Means => ({
  ...meansOver({ ...rpn.losses }, rpn.count),
  ...meansOver({ ...roi.losses }, roi.count),
});

/** Of losses that are sums of two, name by name. */
export const addedMeans = (a: Means, b: Means): Means =>
  Object.fromEntries(Object.entries(a).map(([part, means]) => [part, [...means, ...b[part]]]));

/** The losses. */
export const sumsOf = (means: Means): { readonly [part: string]: Tensor } =>
  Object.fromEntries(
    Object.entries(means).map(([part, all]) => [part, all.map(({ mean }) => mean).reduce((sum, mean) => sum.add(mean))]),
  );
