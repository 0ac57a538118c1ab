// The settings of a measurement; the defaults have the paper's sizes.

import type { ValuesOf } from "../settings/declarations.ts";
import { detectorSettings } from "../settings/detector.ts";
import { machine } from "../settings/machine.ts";
import { text, whole } from "../settings/setting.ts";
import { schedule } from "../settings/training.ts";

export const benchSettings = {
  backbone: detectorSettings.backbone,
  size: whole(800, "side of the input", [32, 16384], { flag: "--size <pixels>" }),
  batch: schedule.batch,
  boxes: whole(100, "annotated boxes per image, 32 pixels wide", [0], { flag: "--boxes <n>" }),
  rois: { ...detectorSettings.roi.batchSizePerImage, about: "sampled RoIs per image", flag: "--rois <n>" },
  steps: whole(5, "timed repetitions, after two to warm up", [1], { flag: "--steps <n>" }),
  method: text("fpn", "the training method"),
  device: machine.device,
  dtype: { ...machine.dtype, flag: "--dtype <name>" },
  channelsLast: machine.channelsLast,
};

export type BenchOptions = ValuesOf<typeof benchSettings>;
