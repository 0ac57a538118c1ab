// Labels of YOLO (https://docs.ultralytics.com/datasets): a .txt file per image, named after it, with the class and the place of each
// object as fractions of the image's size. An empty file says that its image has no cells; an image without a file is not mentioned.

import { basename, join } from "node:path";
import { type ImageSize, imageSize } from "../../data/image-file.ts";
import type { PixelChoice } from "../../data/pixel-choice.ts";
import { UserError } from "../../errors.ts";
import { ImageNames, mergeFiles } from "../annotation-files.ts";
import { idsByLabel } from "../coco/ids.ts";
import { FaultyMarks } from "../faulty-marks.ts";
import type { Source, SourceImage, SourceOptions } from "../source.ts";
import { readYoloLabels } from "./labels.ts";
import { type LabelFile, yoloLayout } from "./layout.ts";

/**
 * Reads `annotations`: data.yaml, a folder of labels or one .txt file. Images are read for their size. Throws a UserError with file
 * and line on lines that are no labels of YOLO, pixels among them.
 */
export async function readYolo({
  images: folder,
  annotations,
  dropInvalid,
  ...choice
}: SourceOptions & PixelChoice): Promise<Source> {
  const names = new ImageNames(folder);
  const { labels, splitOf, notes, ...classes } = yoloLayout(annotations);
  const faulty = new FaultyMarks({ dropInvalid });
  const images: SourceImage[] = [];
  let confident = 0;
  for (let start = 0; start < labels.length; start += AT_ONCE) {
    const next = labels.slice(start, start + AT_ONCE).map((label) => ({ label, name: nameOf(label, names) }));
    const sizes = await Promise.all(next.map(({ name }) => sizeOf(folder, names.paths(name), choice)));
    for (const [i, { label, name }] of next.entries()) {
      const read = readYoloLabels(label.file, sizes[i], { ...classes, faulty });
      const split = splitOf.get(label);
      const { confident: _, ...content } = read;
      confident += read.confident;
      images.push({ name, ...content, file: label.file, line: 0, ...(split === undefined ? {} : { split }) });
    }
  }
  const merged = mergeFiles(images, names);
  const named = classes.names !== null || merged.images.every(({ marks }) => marks.length === 0);
  return {
    images: merged.images,
    categoryIds: idsByLabel(classes.names?.map((name, id) => ({ id, name })) ?? numberedClasses(merged.images)),
    notes: [
      ...(named ? [] : ["no data.yaml and no classes.txt names the classes, so they are numbers"]),
      ...(confident === 0
        ? []
        : [`${confident} marks have a confidence, so they are predictions: all were taken, whatever it is`]),
      ...notes,
      ...merged.notes,
    ],
    ...faulty.report(),
  };
}

/** Without names, classes are called by their numbers. */
function numberedClasses(images: readonly SourceImage[]): { id: number; name: string }[] {
  const labels = new Set(images.flatMap(({ marks }) => marks.flatMap(({ label }) => label ?? [])));
  return [...labels].map((name) => ({ id: Number(name), name }));
}

const AT_ONCE = 4; // the number of libuv's threads

const nameOf = ({ image }: LabelFile, names: ImageNames): string => names.find(image, basename(image)) ?? image;

/** An image that is missing, ambiguous or unreadable is the importer's to refuse: its marks are only counted. */
async function sizeOf(folder: string, paths: readonly string[], choice: PixelChoice): Promise<ImageSize> {
  const unknown = { width: 1, height: 1 };
  if (paths.length !== 1) return unknown;
  return imageSize(join(folder, paths[0]), choice).catch((error) => {
    if (error instanceof UserError) return unknown;
    throw error;
  });
}
