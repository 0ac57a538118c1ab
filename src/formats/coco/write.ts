// Annotations or detections as COCO JSON (https://cocodataset.org/#format-data), with `score` on detections and this project's
// keys where they apply: `group`, `split`, `mpp` and `regions` on an image, `hidden` on an annotation and `negative` on a
// category. Other tools ignore these.

import { cocoRegions } from "../../data/coco/regions.ts";
import { cocoBox, cocoText } from "../../data/coco/text.ts";
import { writeChunksAtomic } from "../../files/atomic-write.ts";
import { type ExportSource, millionths } from "../export-source.ts";

/**
 * Writes `file` atomically, with boxes and regions rounded to 0.001 pixels and scores to 6 decimals. Ids are those of the dataset or
 * of the file of detections, so that results with them fit both; detections themselves count from 1.
 */
export function exportCoco({ images, categories }: ExportSource, file: string): void {
  const categoryIds = new Map(categories.map(({ id, name }) => [name, id]));
  let detections = 0;
  const annotations = images.flatMap(({ id: imageId, marks }) =>
    marks.map(({ id, box, label, score, hidden }) => ({
      id: id ?? ++detections,
      image_id: imageId,
      category_id: categoryIds.get(label),
      ...cocoBox(box),
      iscrowd: 0,
      score: score === undefined ? undefined : millionths(score),
      hidden,
    })),
  );
  const rows = images.map(({ id, fileName, width, height, group, split, mpp, regions }) => ({
    id,
    file_name: fileName,
    width: width ?? undefined,
    height: height ?? undefined,
    group,
    split,
    mpp,
    regions: regions && cocoRegions(regions),
  }));
  const named = categories.map(({ sourceId: _, ...category }) => category);
  writeChunksAtomic(file, cocoText({ images: rows, categories: named, annotations }));
}
