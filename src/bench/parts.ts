// What `sparsecell bench` measures, by name.

import type { BenchOptions } from "./bench-options.ts";
import { detection } from "./detect.ts";
import { calibrationOfRois, energies } from "./energies.ts";
import { evaluation } from "./evaluation.ts";
import { loading } from "./loading.ts";
import { suppression } from "./nms.ts";
import { roiAlignment } from "./roi-align.ts";
import { trainingStep } from "./step.ts";
import { type Timing, timed } from "./timing.ts";

export interface Part {
  readonly label: (options: BenchOptions) => string;
  readonly time: (options: BenchOptions) => Promise<Timing>;
  /** One repetition, for a profile; absent if it does not use libtorch. */
  readonly body?: (options: BenchOptions) => () => void;
}

const network = ({ backbone, size, dtype }: BenchOptions): string => `${backbone}, ${size} × ${size}, ${dtype}`;

const repeated = (label: Part["label"], body: (options: BenchOptions) => () => void): Part => ({
  label,
  body,
  time: (options) => timed(options.steps, body(options)),
});

const plain = (label: Part["label"], body: (options: BenchOptions) => () => void): Part => {
  const { time } = repeated(label, body);
  return { label, time };
};

export const parts = {
  step: repeated((o) => `training step (${network(o)}, batch ${o.batch}, ${o.rois} RoIs)`, trainingStep),
  detect: repeated((o) => `detection (${network(o)}, batch ${o.batch})`, detection),
  "roi-align": repeated((o) => `RoIAlign, forward and backward (${o.rois} RoIs, ${o.dtype})`, roiAlignment),
  nms: plain(() => "NMS of 10,000 boxes on 5 levels", suppression),
  bde: plain((o) => `BDE of ${o.rois} RoIs`, calibrationOfRois),
  energies: plain(() => "energies of 100,000 boxes", energies),
  evaluation: plain(() => "evaluation of 1,000,000 detections on 10,000 images", evaluation),
  loading: { label: (o) => `wait of a step for its ${o.batch === 1 ? "image" : `${o.batch} images`}`, time: loading },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;
