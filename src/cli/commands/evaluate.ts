// `sparsecell evaluate`: how good detections are, from COCO JSON files of any tool. One JSON object for machines, a table
// for people; notes go to stderr.

import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { CocoDetections, CocoImage, TruthFile } from "../../data/coco/evaluation-files.ts";
import { type DatasetImage, imagesOf, type Split } from "../../data/dataset.ts";
import { type IdKind, idKinds } from "../../data/evaluation-ids.ts";
import { UserError } from "../../errors.ts";
import type { DistanceRule } from "../../evaluate/distance-matching.ts";
import type { Evaluation } from "../../evaluate/evaluation.ts";
import type { MeasuredImage } from "../../evaluate/measures.ts";
import { whole } from "../options/values.ts";

interface Options {
  readonly detections: string;
  readonly annotations: string;
  readonly iou: number;
  readonly score?: number;
  readonly split?: Split;
  readonly json?: true;
  readonly all?: true;
  readonly maxDetections?: number;
  readonly mpp?: number;
  readonly distanceMatch?: DistanceRule;
  readonly ids?: IdKind;
  readonly dropInvalid?: boolean;
}

const EXAMPLE = `
Images are paired by file name and categories by name if the detections carry names, otherwise by the ids of the annotations, of
the file that they were imported from, or by ids that are file names; --ids says which where several fit. Ids that fit only in
part, whose boxes lie on the cells of other images, or under which no detection matches a cell, are refused. Corners in the wrong
order (a negative width or height) are put in order, as on import; a detection without area counts as wrong. Cells that "data
sparsify" has hidden count as true cells. In a dataset folder, hard negatives are not cells, and regions marked "ignore" are not
judged.

--all shows average precision by 11 levels, VOC's and COCO's rules; recall, precision, F1 and count error at scores 0.05, 0.3,
0.5 and 0.6; F1 by the distance between centres (8 and 7.5 µm where the size of a pixel is known, otherwise 16 pixels, half the
side of a 32 × 32 box); FROC; and expected calibration error. Average precision counts every detection in the file unless
--max-detections limits them.

Example:
  $ npx sparsecell predict --model runs/bde --out detections.json data/ki67/images/*.png
  $ npx sparsecell evaluate --detections detections.json --annotations data/ki67 --split test --score 0.5
  $ npx sparsecell evaluate --detections detections.json --annotations data/ki67 --split test --all --mpp 0.25`;

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("measure detections against true annotations: 11-point average precision, recall, precision, F1")
    .requiredOption("--detections <file>", "COCO JSON with scores: a list of results, or an object with images and annotations")
    .requiredOption("--annotations <file>", "COCO JSON with the true boxes, or a dataset's folder")
    .option("--iou <number>", "least intersection over union of a detection with the cell it matches", parseIou, 0.5)
    .option(
      "--score <number>",
      "count only detections with at least this score in recall, precision and F1 (default: all in the file)",
      parseScore,
    )
    .addOption(new Option("--split <name>", "only a dataset's images of this split").choices(["train", "test"]))
    .option(
      "--max-detections <number>",
      "count only this many detections per image and category, those with the highest scores",
      whole(1),
    )
    .addOption(
      new Option("--ids <which>", "what the image ids of a bare list of results are (default: what fits)").choices(idKinds),
    )
    .option("--drop-invalid", "leave out faulty rows and those of unknown images and categories; they are counted and named")
    .addOption(new Option("--all", "print every measure").conflicts("score"))
    .option("--mpp <number>", "with --all: microns per pixel, overriding the dataset", parseMpp)
    .addOption(
      new Option(
        "--distance-match <rule>",
        "with --all: how to match by distance: by-score (each detection, best first, takes the nearest free cell), by-truth (each cell takes the nearest free detection, as in MIDOG), or maximum (as many pairs as possible) (default: by-score)",
      ).choices(["by-score", "by-truth", "maximum"]),
    )
    .option(
      "--json",
      "print one JSON object with ap11, recall, precision, f1, bestF1 (fractions), images, truths, detections; with --all every measure",
    )
    .addHelpText("after", EXAMPLE)
    .action(evaluateFiles);
}

async function evaluateFiles(given: Options): Promise<void> {
  const options = { ...given, dropInvalid: given.dropInvalid ?? false };
  const { all, maxDetections, mpp, distanceMatch, iou, score } = options;
  if (!all && (mpp !== undefined || distanceMatch !== undefined))
    throw new UserError("evaluate: --mpp and --distance-match need --all; add it, or leave them out");
  const { readCocoDetections } = await import("../../data/coco/evaluation-files.ts");
  const { pairWithTruth } = await import("../../data/evaluation-pair.ts");
  const { bestDetections } = await import("../../evaluate/best-detections.ts");
  const { evaluate } = await import("../../evaluate/evaluation.ts");
  const { measure } = await import("../../evaluate/measures.ts");
  const { lieOnOtherImages } = await import("../../evaluate/other-images.ts");
  const { suspicion } = await import("../../evaluate/suspicions.ts");
  const { judged } = await import("../../evaluate/truths.ts");
  const { evaluationTable, measuresTable } = await import("../../evaluate/table.ts");

  const truth = await readTruth(options);
  const found = readCocoDetections(options.detections, options);
  const pair = pairWithTruth(found, truth, options);
  for (const line of [...(truth.notes ?? []), ...(found.notes ?? []), ...pair.notes]) note(line);
  const looked = new Set(pair.images.map(({ id }) => id));
  const images = truth.images.filter((image) => looked.has(image.id) && truth.isWanted(image));
  const wanted = new Set(images.map(({ id }) => id));
  const annotations = pair.annotations.filter(({ imageId }) => wanted.has(imageId));
  const there = pair.detections.filter(({ imageId }) => wanted.has(imageId));
  const detections = judged(there, images);

  const expected = truth.images.filter(truth.isWanted).length;
  const ofSplit = options.split ? ` of the ${options.split} split` : "";
  if (expected === 0) throw new UserError(`${options.annotations}: has no images${ofSplit} to evaluate on`);
  if (images.length === 0)
    throw new UserError(
      `${options.detections}: lists none of the ${expected} images of ${options.annotations}${ofSplit}; run detection on them first`,
    );
  if (images.length < expected)
    note(`only ${images.length} of ${expected} images count: ${options.detections} does not list the others`);
  const dropped = pair.detections.length - there.length;
  if (dropped > 0)
    note(`ignored ${dropped} of ${pair.detections.length} detections: their images are not in the ${options.split} split`);
  if (detections.length < there.length)
    note(`ignored ${there.length - detections.length} of ${there.length} detections: their centres lie in regions marked ignore`);

  if (found.images === null && options.ids === undefined && lieOnOtherImages(annotations, detections))
    throw new UserError(
      `${options.detections}: its boxes lie on the cells of other images than its image ids say, so these are ids of another file; evaluate against that file, write the file_name in every row, or take the ids as they are with --ids annotations`,
    );
  const doubt = suspicion(annotations, detections, { iou });
  if (doubt?.nothing && isBare(found) && options.ids === undefined)
    throw new UserError(`${options.detections}: ${doubt.text}; if they are, take them as they are with --ids annotations`);
  if (doubt !== null) note(`${options.detections}: ${doubt.text}`);

  if (all) {
    const beyond = detections.find((detection) => detection.score < 0 || detection.score > 1);
    if (beyond) throw new UserError(`${options.detections}: --all needs scores from 0 to 1, got ${beyond.score}; rescale them`);
    const measured = images.map((image): MeasuredImage => ({ ...image, mpp: mpp ?? image.mpp }));
    const measures = measure(annotations, detections, { images: measured, iou, maxDetections, distanceRule: distanceMatch });
    console.log(options.json ? JSON.stringify(measures) : measuresTable(measures, options));
    return;
  }
  const counted = maxDetections === undefined ? detections : bestDetections(detections, maxDetections);
  const evaluation = evaluate(annotations, counted, { iou, score, images: images.length });
  const names = new Map(truth.categories.map(({ id, name }) => [id, name]));
  console.log(options.json ? asJson(evaluation) : evaluationTable(evaluation, names, options));
}

/** Whether nothing but ids says which images are meant. */
const isBare = ({ images, imageReferences }: CocoDetections): boolean =>
  images === null && [...(imageReferences?.values() ?? [])].every(({ name }) => name === null);

interface WantedTruth extends TruthFile {
  readonly images: readonly (CocoImage & Pick<DatasetImage, "mpp" | "regions">)[];
  readonly isWanted: (image: CocoImage) => boolean;
}

/** Only a dataset knows splits, regions and hard negatives; other COCO files may have keys that a dataset must not have. */
async function readTruth({ annotations: path, split, dropInvalid }: Options): Promise<WantedTruth> {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const file = isFolder ? join(path, "annotations.json") : path;
  const isDataset = isFolder || (basename(path) === "annotations.json" && existsSync(join(dirname(path), "images")));
  if (split === undefined && !isDataset) {
    const { readCocoAnnotations } = await import("../../data/coco/evaluation-files.ts");
    return { ...readCocoAnnotations(file, { dropInvalid }), isWanted: () => true };
  }
  const { readCocoDataset } = await import("../../data/coco/dataset-file.ts");
  const { cellCategories } = await import("../../data/dataset.ts");
  const { truthsOf } = await import("../../evaluate/truths.ts");
  const { dataset, notes } = readCocoDataset(file, dirname(file), { dropInvalid });
  const { images } = dataset;
  const ofSplit = new Set(imagesOf({ images }, split).map(({ id }) => id));
  return {
    file,
    notes,
    images,
    categories: cellCategories(dataset),
    annotations: truthsOf(
      dataset,
      images.map(({ id }) => id),
    ).map((cell) => ({ ...cell, ignore: cell.ignore ?? false })),
    isWanted: ({ id }) => ofSplit.has(id),
  };
}

function asJson({ ap11, recall, precision, f1, bestF1, images, truths, detections }: Evaluation): string {
  return JSON.stringify({ ap11, recall, precision, f1, bestF1, images, truths, detections });
}

function note(text: string): void {
  console.error(`evaluate: ${text}`);
}

function parseIou(text: string): number {
  const iou = parseScore(text);
  if (iou > 0 && iou <= 1) return iou;
  throw new InvalidArgumentError("It must be above 0 and at most 1.");
}

function parseScore(text: string): number {
  const score = Number(text);
  if (text.trim() !== "" && Number.isFinite(score)) return score;
  throw new InvalidArgumentError("It must be a number.");
}

function parseMpp(text: string): number {
  const mpp = parseScore(text);
  if (mpp > 0) return mpp;
  throw new InvalidArgumentError("It must be a number above 0.");
}
