// The library: what `import … from "sparsecell"` gives. This list is the table of contents.

export { type LayerGradient, type LayerGradientOptions, layerGradients, type TestBatch } from "./analysis/layer-gradients.ts";
export type { Bias } from "./data/bias/biases.ts";
export {
  type CocoDetections,
  readCocoAnnotations,
  readCocoDetections,
  type TruthFile,
  writeCocoDetections,
} from "./data/coco/evaluation-files.ts";
export type { Annotation, Category, Dataset, DatasetImage, Split } from "./data/dataset.ts";
export { readDataset, writeDataset } from "./data/dataset-folder.ts";
export { type EvaluationPair, pairWithTruth } from "./data/evaluation-pair.ts";
export { type RgbImage, readImage } from "./data/image-file.ts";
export { type Labels, readLabels } from "./data/labels.ts";
export type { PixelChoice } from "./data/pixel-choice.ts";
export { type Keep, sparsify, sparsifyWithBias } from "./data/sparsify.ts";
export { type Fold, foldOf, splitByGroup, type TestHalf, type TrainingHalf } from "./data/split.ts";
export { randomStain, type Stain, type SyntheticKind } from "./data/synthetic/stain.ts";
export { synthesizeDataset, synthesizePatch } from "./data/synthetic/synthetic.ts";
export { detectEach } from "./detect/each-image.ts";
export { chooseAnchors } from "./detector/anchor-choice.ts";
export type { LossOptions } from "./detector/calibrated.ts";
export type { Detections } from "./detector/detections.ts";
export {
  Detector,
  type DetectorLosses,
  type DetectorOptions,
  type ImageDetections,
  type TrainingPass,
} from "./detector/detector.ts";
export type { KnownCells } from "./detector/known-cells.ts";
export { loadBackbone, loadDetector, saveDetector } from "./detector/weights.ts";
export { UserError } from "./errors.ts";
export { averagePrecision11 } from "./evaluate/average-precision.ts";
export { type Evaluation, evaluate } from "./evaluate/evaluation.ts";
export { type Detection, match, type Truth } from "./evaluate/matching.ts";
export type { Protocol } from "./experiment/protocol.ts";
export { exportModel, type ModelFormatName } from "./export/export-model.ts";
export { type ImportOptions, type ImportReport, importDataset } from "./formats/import.ts";
export { importFormats } from "./formats/index.ts";
export type { Mark, Place, Source, SourceImage, UnreadMark } from "./formats/source.ts";
export { area, type Box, clip, iou } from "./geometry/box.ts";
export { polygonArea, type SearchArea } from "./geometry/search-area.ts";
export { bde } from "./methods/bde.ts";
export { boxesDensity, boxesEnergy } from "./methods/boxes-density.ts";
export {
  type Calibrated,
  type Calibration,
  type Conclusion,
  type Memory,
  type NamedArrays,
  oneHot,
  type Rois,
  type StepContext,
  uncalibrated,
} from "./methods/calibration.ts";
export { fpn } from "./methods/fpn.ts";
export { calibrationNamed, methods } from "./methods/index.ts";
export type { Method, NamedMethod } from "./methods/method.ts";
export { trainingMethodNamed, trainingMethods } from "./procedures/index.ts";
export {
  type Mean,
  type NamedLosses,
  type Procedure,
  plain,
  type StepLosses,
  type TrainingBatch,
  type TrainingMethod,
  type TrainingStep,
  type View,
} from "./procedures/procedure.ts";
export { Teacher } from "./procedures/teacher.ts";
export { Random, type RandomFor, type RandomUse, stepRandom } from "./random.ts";
export { RunFolder } from "./runs/run-folder.ts";
export {
  type AnchorConfig,
  type Backbone,
  backbones,
  type DetectionConfig,
  type DetectorConfig,
  defaultConfig,
  type InputSize,
  type NormalizationKind,
  type RoiConfig,
  type RpnConfig,
  torchvisionConfig,
} from "./settings/detector.ts";
export { paperSettings, quickSettings, type TrainSettings } from "./settings/presets.ts";
export type { TrainConfig } from "./settings/training.ts";
export { requireMicrons } from "./slides/microns.ts";
export { openSlide, type SlideOptions } from "./slides/open-slide.ts";
export type { Microns, Slide, SlideFacts, SlideLevel, WindowPixels } from "./slides/slide.ts";
export { type FoundCell, SlideSummary, type SummaryNumbers, type SummaryOptions } from "./slides/summary.ts";
export { findTissue, type Tissue, wholeSlide } from "./slides/tissue.ts";
export type { ProcessPlace } from "./train/process-place.ts";
export { Processes } from "./train/processes.ts";
export { type RunOptions, runTraining } from "./train/run.ts";
export type { Probe, TrainOutcome } from "./train/trainer.ts";
export { type CellFinder, type Cells, detectSlide, type FinishedRow, type SlideDetectOptions } from "./wsi/detect-slide.ts";
