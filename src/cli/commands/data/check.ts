// `sparsecell data check`: everything that is odd in a dataset or in another tool's file.

import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Command, Option } from "commander";
import type { Subject } from "../../../data/check/subject.ts";
import { UserError } from "../../../errors.ts";
import { type FormatName, importFormats } from "../../../formats/index.ts";
import { between, whole } from "../../options/values.ts";
import { withProgress } from "../../terminal/data-progress.ts";
import { findingsText } from "./check-text.ts";
import { parsePattern } from "./import.ts";

interface Options {
  readonly format?: FormatName;
  readonly images?: string;
  readonly box: number;
  readonly groupPattern?: RegExp;
  readonly completeClass?: string;
  readonly ignoreClass?: string;
  readonly pixels?: boolean;
  readonly most: number;
  readonly json?: true;
  readonly strict?: true;
}

const EXAMPLE = `
Looks for boxes of odd sizes, marks outside their image, duplicates, cells too near to each other, labels that differ only in case
or spaces, classes with few cells, test images that share a slide with training images, images of another size or colour, images
without cells, missing files, and regions and hidden marks that leave nothing. What is odd need not be wrong; no file is changed.

Exit codes: 0 checked; 1 the annotations cannot be read, or with --strict something is odd.

Example:
  $ npx sparsecell data check data/cells
  $ npx sparsecell data check cells.geojson --format qupath --images slides/`;

export function checkCommand(): Command {
  return new Command("check")
    .description("list everything that is odd in a dataset, or in annotations before they are imported")
    .argument("<path>", "folder of a dataset, or annotations in a format that data import reads (without --format: COCO)")
    .addOption(new Option("--format <format>", "format of the annotations").choices(Object.keys(importFormats)))
    .option("--images <dir>", "with annotations: folder of their images, to check the files too")
    .option("--box <pixels>", "with annotations: side of the box around each point", between(1, 1e6), 32)
    .option("--group-pattern <regex>", "with annotations: its first (…) in an image's path is the slide or patient", parsePattern)
    .option("--complete-class <name>", "class of regions in which every cell is annotated")
    .option("--ignore-class <name>", "class of regions in which nothing is judged")
    .option("--pixels", "decode every image to compare their colours, which takes longer")
    .option("--most <n>", "most places to print of each kind", whole(0), 5)
    .option("--json", "print one JSON object with all places")
    .option("--strict", "exit code 1 when anything is odd")
    .addHelpText("after", EXAMPLE)
    .action(check);
}

async function check(path: string, options: Options): Promise<void> {
  if (!existsSync(path)) throw new UserError(`${path}: no such file or folder; check the path`);
  const { annotationsPath } = await import("../../../data/dataset-folder.ts");
  const { findOddities } = await import("../../../data/check/index.ts");
  const isDataset = options.format === undefined && statSync(path).isDirectory();
  if (isDataset && !existsSync(annotationsPath(path)))
    throw new UserError(`${path}: not a dataset: it has no annotations.json; for annotations of another tool, pass --format`);
  const subject = isDataset ? await datasetIn(path, options) : await annotationsIn(path, options);
  const findings = findOddities(subject);
  const marks = subject.images.reduce((sum, image) => sum + image.marks.length, 0);
  const count = findings.reduce((sum, { oddities }) => sum + oddities.length, 0);
  if (options.json) {
    const listed = findings.map(({ oddities, ...finding }) => {
      return { ...finding, count: oddities.length, oddities: oddities.map(({ file, line, text }) => ({ file, line, text })) };
    });
    process.stdout.write(`${JSON.stringify({ images: subject.images.length, marks, oddities: count, findings: listed })}\n`);
  } else {
    const what = count === 0 ? "nothing is odd" : `${count} oddities of ${findings.length} kinds`;
    process.stdout.write(
      `${path}: ${subject.images.length} images, ${marks} marks: ${what}\n${findingsText(findings, options.most)}`,
    );
  }
  if (options.strict && count > 0) process.exitCode = 1;
}

async function datasetIn(dir: string, { pixels = false }: Options): Promise<Subject> {
  const { readSubject } = await import("../../../data/check/dataset-subject.ts");
  const { withPictures } = await import("../../../data/check/pictures.ts");
  const subject = readSubject(dir);
  return withProgress("checking", (onImage) => withPictures(subject, { folder: `${dir}/images`, pixels, onImage }));
}

async function annotationsIn(path: string, options: Options): Promise<Subject> {
  const { format = "coco", images, pixels = false } = options;
  if (pixels && images === undefined) throw new UserError("data check: --pixels needs --images with the folder of the images");
  const { sourceSubject } = await import("../../../formats/check-source.ts");
  const folder = images ?? (statSync(path).isDirectory() ? path : dirname(path));
  const source = await importFormats[format].read({ ...options, images: folder, annotations: path, dropInvalid: true });
  const subject = sourceSubject(source, options);
  if (images === undefined) return subject;
  const { findImagesAndSlides, isSlide } = await import("../../../slides/is-slide.ts");
  const { slideFacts } = await import("../../../formats/image-sizes.ts");
  const { FileNameIndex } = await import("../../../files/file-name-index.ts");
  const { withPictures } = await import("../../../data/check/pictures.ts");
  const index = new FileNameIndex(findImagesAndSlides(images), (name) => name);
  const find = (name: string) => index.find(name)[0] ?? null;
  const slideSize = async (file: string) => (isSlide(file) ? slideFacts(file) : null);
  return withProgress("checking", (onImage) => withPictures(subject, { folder: images, find, slideSize, pixels, onImage }));
}
