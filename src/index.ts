// The library: what `import … from "sparsecell"` gives. This list is the table of contents.

export { bde } from "./calibration/bde.ts";
export { boxesDensity, boxesEnergy } from "./calibration/boxes-density.ts";
export type { Calibration, Rois, Targets } from "./calibration/calibration.ts";
export { fpn } from "./calibration/fpn.ts";
export { calibrationNamed, calibrations } from "./calibration/index.ts";
export { area, type Box, clip, iou } from "./data/boxes.ts";
export type { Annotation, Category, Dataset, DatasetImage, Split } from "./data/dataset.ts";
export { readDataset, writeDataset } from "./data/dataset-folder.ts";
export { type RgbImage, readImage } from "./data/image-file.ts";
export { importPointsCsv } from "./data/import-points-csv.ts";
export { type Keep, sparsify } from "./data/sparsify.ts";
export { splitByGroup } from "./data/split.ts";
export { synthesizeDataset, synthesizePatch } from "./data/synthetic.ts";
export { chooseAnchors } from "./detector/anchor-choice.ts";
export * from "./detector/config.ts";
export { Detector, type DetectorOptions, type Losses, type LossOptions } from "./detector/detector.ts";
export { detectEach } from "./detector/inference.ts";
export type { Detections, Truths } from "./detector/roi-head.ts";
export { loadBackbone, loadDetector } from "./detector/weights.ts";
export { UserError } from "./errors.ts";
export { averagePrecision11 } from "./evaluate/average-precision.ts";
export { type Evaluation, evaluate } from "./evaluate/evaluation.ts";
export { type Detection, match, type Truth } from "./evaluate/matching.ts";
export { Random } from "./random.ts";
export type { TrainConfig } from "./train/config.ts";
export { RunFolder } from "./train/run-folder.ts";
