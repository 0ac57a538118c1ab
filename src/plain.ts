// What reads and writes without libtorch: `import … from "sparsecell/plain"`. The workbench's server builds on it.

export {
  type Annotation,
  type Category,
  cellCategories,
  cellsOf,
  type Dataset,
  type DatasetImage,
  imagesOf,
  type Split,
} from "./data/dataset.ts";
export { annotationsPath, imagePath, readDataset, writeDataset } from "./data/dataset-folder.ts";
export { imageSize, type RgbImage, readImage } from "./data/image-file.ts";
export { median } from "./data/median.ts";
export type { PixelChoice } from "./data/pixel-choice.ts";
export { printable, reason, UserError, unwritable } from "./errors.ts";
export { writeChunksAtomic, writeFileAtomic } from "./files/atomic-write.ts";
export { isLocked, lockFolder, lockWhenFree } from "./files/folder-lock.ts";
export { imageExtensions } from "./files/image-folder.ts";
export { type JsonFile, parseJson, readJsonFile } from "./files/json/file.ts";
export * as shapes from "./files/json/shape.ts";
export { isObject, shown } from "./files/json/value.ts";
export { shellWord } from "./files/shell-word.ts";
export type { ExportImage, ExportMark, ExportSource } from "./formats/export-source.ts";
export { type ImportOptions, importDataset } from "./formats/import.ts";
export { exportFormats } from "./formats/index.ts";
export type { Mark, Source, SourceImage } from "./formats/source.ts";
export { area, type Box, centre, clip, iou } from "./geometry/box.ts";
export { regionAt, ringBounds } from "./geometry/region.ts";
export { Random } from "./random.ts";
export { byKeep, type GridResult, type GridUnit, keepText, unitId, unitText } from "./runs/grid.ts";
export { GridFolder } from "./runs/grid-folder.ts";
export { RunFolder, type RunRecord } from "./runs/run-folder.ts";
export { findImagesAndSlides, isSlide, slideExtensions } from "./slides/is-slide.ts";
export { openSlide, type SlideOptions } from "./slides/open-slide.ts";
export type { Slide, SlideFacts, WindowPixels } from "./slides/slide.ts";
