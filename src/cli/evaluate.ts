// `sparsecell evaluate`: how good detections are, from COCO JSON files of any tool. One JSON object for machines, a table
// for people; notes go to stderr.

import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { CocoImage, CocoTruth } from "../data/coco-evaluation.ts";
import type { Split } from "../data/dataset.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";

interface Options {
  readonly detections: string;
  readonly annotations: string;
  readonly iou: number;
  readonly score?: number;
  readonly split?: Split;
  readonly json?: true;
}

const EXAMPLE = `
Images are paired by file name, and categories by name, where the detections carry names; otherwise by id. Cells that
"data sparsify" has hidden count as true cells.

Example:
  $ npx sparsecell predict --model runs/bde --out detections.json data/ki67/images/*.png
  $ npx sparsecell evaluate --detections detections.json --annotations data/ki67 --split test --score 0.5`;

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("measure detections against true annotations: 11-point average precision, recall, precision, F1")
    .requiredOption("--detections <file>", "COCO JSON with scores: a list of results, or an object with images and annotations")
    .requiredOption("--annotations <file>", "COCO JSON with the true boxes, or a dataset's folder")
    .option("--iou <number>", "least intersection over union of a detection with the cell that it found", parseIou, 0.5)
    .option(
      "--score <number>",
      "recall, precision and F1 count detections with at least this score (default: all in the file)",
      parseScore,
    )
    .addOption(new Option("--split <name>", "only a dataset's images of this split").choices(["train", "test"]))
    .option("--json", "print one JSON object with ap11, recall, precision, f1, bestF1 (fractions), images, truths, detections")
    .addHelpText("after", EXAMPLE)
    .action(evaluateFiles);
}

async function evaluateFiles(options: Options): Promise<void> {
  const { readCocoDetections } = await import("../data/coco-evaluation.ts");
  const { pairWithTruth } = await import("../data/evaluation-pair.ts");
  const { evaluate } = await import("../evaluate/evaluation.ts");
  const { evaluationTable } = await import("../evaluate/table.ts");

  const truth = await readTruth(options);
  const pair = pairWithTruth(readCocoDetections(options.detections), truth);
  const images = pair.images.filter(truth.isWanted);
  const wanted = new Set(images.map((image) => image.id));
  const annotations = pair.annotations.filter(({ imageId }) => wanted.has(imageId));
  const detections = pair.detections.filter(({ imageId }) => wanted.has(imageId));

  const expected = truth.images.filter(truth.isWanted).length;
  if (images.length < expected)
    note(`only ${images.length} of ${expected} images count: ${options.detections} does not list the others`);
  const dropped = pair.detections.length - detections.length;
  if (dropped > 0)
    note(`left out ${dropped} of ${pair.detections.length} detections: their images are not of the ${options.split} split`);

  const evaluation = evaluate(annotations, detections, { iou: options.iou, score: options.score, images: images.length });
  const names = new Map(truth.categories.map(({ id, name }) => [id, name]));
  console.log(options.json ? asJson(evaluation) : evaluationTable(evaluation, names, options));
}

interface WantedTruth extends CocoTruth {
  readonly isWanted: (image: CocoImage) => boolean;
}

/** Only a dataset knows splits; other COCO files may have keys that a dataset must not have. */
async function readTruth({ annotations: path, split }: Options): Promise<WantedTruth> {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, "annotations.json") : path;
  if (split === undefined) {
    const { readCocoAnnotations } = await import("../data/coco-evaluation.ts");
    return { ...readCocoAnnotations(file), isWanted: () => true };
  }
  const { readCocoDataset } = await import("../data/coco.ts");
  const { images, categories, annotations } = readCocoDataset(file, dirname(file)).dataset;
  const ofSplit = new Set(images.filter((image) => image.split === split).map((image) => image.id));
  return {
    file,
    images,
    categories,
    annotations: annotations.map((a) => ({ ...a, ignore: false })),
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
