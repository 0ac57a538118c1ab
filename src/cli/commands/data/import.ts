// `sparsecell data import`: a dataset from images and another tool's annotations.

import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../../../errors.ts";
import type { ImportOptions } from "../../../formats/import.ts";
import { type FormatName, type FormatOptions, type ImportFormat, importFormats } from "../../../formats/index.ts";
import { type PixelOptions, pixelOptions } from "../../options/pixels.ts";
import { between } from "../../options/values.ts";
import { withProgress } from "../../terminal/data-progress.ts";
import { firstFindings, laterCheck } from "./check-text.ts";
import { importText } from "./import-text.ts";

interface Options extends PixelOptions {
  readonly format: FormatName;
  readonly images: string;
  readonly annotations?: string;
  readonly points?: string;
  readonly box: number;
  readonly groupPattern?: RegExp;
  readonly keepEmpty?: boolean;
  readonly dropInvalid?: boolean;
  readonly negative?: readonly string[];
  readonly completeClass?: string;
  readonly ignoreClass?: string;
  readonly mpp?: number;
  readonly resolution?: number;
  readonly verify?: boolean;
  readonly frames?: FormatOptions["frames"];
  readonly confidence?: number;
  readonly corners?: FormatOptions["boxes"];
  readonly cells?: FormatOptions["cells"];
  readonly units?: FormatOptions["units"];
  readonly out: string;
}

export function importCommand(): Command {
  const command = new Command("import")
    .description("make a dataset from images and annotations in another tool's format")
    .addOption(
      new Option("--format <format>", "format of the annotations").choices(Object.keys(importFormats)).makeOptionMandatory(),
    )
    .requiredOption(
      "--images <dir>",
      "folder of PNG, JPEG or TIFF images and of slides, searched with its subfolders; never changed",
    )
    .option("--annotations <path>", "file or folder of the annotations (default, where the format allows it: --images)")
    .option("--points <file>", "the same as --annotations, for points-csv")
    .option("--box <pixels>", "side of the box around each point", between(1, 1e6), 32)
    .option(
      "--group-pattern <regex>",
      "its first (…) in the path of an image is the slide or patient (default: the format's, otherwise one group per image)",
      parsePattern,
    )
    .option("--keep-empty", "also import images that the annotations do not mention, as images without cells (not for slides)")
    .option(
      "--drop-invalid",
      "skip marks that are faulty, outside their image or without area, and missing or unreadable images (default: stop at the first)",
    )
    .option("--negative <label...>", "classes of known look-alikes that are not cells: hard negatives")
    .option("--complete-class <name>", "class of regions in which every cell is annotated")
    .option("--ignore-class <name>", "class of regions in which nothing is judged")
    .option(
      "--mpp <microns>",
      "size of a pixel, the same for all images (default: as the format or the slide says, if it does)",
      parseMpp,
    )
    .option(
      "--resolution <microns>",
      "size of a pixel of the windows that slides are cut into (default: the slide's, at least 0.25)",
      between(0.05, 20),
    )
    .option("--verify", "decode every pixel, to find images that are damaged in the middle (default: check both ends)");
  for (const option of pixelOptions()) command.addOption(option);
  return command
    .addOption(
      new Option("--frames <which>", "mitos-atypia-14: frames with a mitosis, or all (default: positive)").choices([
        "positive",
        "all",
      ]),
    )
    .option(
      "--confidence <least>",
      "mitos-atypia-14: skip mitoses of which the readers were less sure (default: 0)",
      between(0, 1),
    )
    .addOption(
      new Option("--corners <form>", "midog: boxes as x1,y1,x2,y2 or as x,y,width,height (default: auto)").choices([
        "auto",
        "corners",
        "xywh",
      ]),
    )
    .addOption(
      new Option(
        "--cells <as>",
        "label-masks: a cell as the box around its pixels, or as a box of --box pixels around their middle (default: box)",
      ).choices(["box", "centre"]),
    )
    .addOption(
      new Option(
        "--units <what>",
        "fiji: what X and Y of a results table are; microns need --mpp (default: pixels, where the table shows it)",
      ).choices(["pixels", "microns"]),
    )
    .requiredOption("--out <dir>", "folder of the new dataset")
    .addHelpText("after", `\nFormats and their annotations:\n${formatLines()}`)
    .addHelpText(
      "after",
      "\nExample:\n  $ npx sparsecell data import --format points-csv --images slides/ --annotations cells.csv \\\n      --group-pattern 'case(\\d+)' --out data/cells\n",
    )
    .action(async ({ format, corners, frames, confidence, cells, units, ...options }: Options) => {
      const annotations = annotationsOf({ format, ...options });
      if (frames !== undefined && format !== "mitos-atypia-14")
        throw new UserError("--frames is for mitos-atypia-14; leave it out");
      if (confidence !== undefined && format !== "mitos-atypia-14")
        throw new UserError("--confidence is for mitos-atypia-14; leave it out");
      if (corners !== undefined && format !== "midog") throw new UserError("--corners is for midog; leave it out");
      if (cells !== undefined && format !== "label-masks") throw new UserError("--cells is for label-masks; leave it out");
      if (units !== undefined && format !== "fiji") throw new UserError("--units is for fiji; leave it out");
      const { beside }: ImportFormat = importFormats[format];
      if (options.keepEmpty && beside)
        throw new UserError(`--keep-empty is not for ${format}, whose annotations say which images have no cells; leave it out`);
      const { inNewDataset } = await import("../../options/new-dataset.ts");
      const { importDataset } = await import("../../../formats/import.ts");
      const { dataset, report } = await inNewDataset(options.out, async () => {
        const source = await importFormats[format].read({
          ...options,
          annotations,
          frames,
          confidence,
          boxes: corners,
          cells,
          units,
        });
        const cutting = (onImage: ImportOptions["onImage"]) =>
          withProgress("cutting", (onWindow) => importDataset({ ...options, source, onImage, onWindow }), "window");
        return withProgress("reading", cutting);
      });
      const { datasetSubject } = await import("../../../data/check/dataset-subject.ts");
      const { findOddities } = await import("../../../data/check/index.ts");
      const isLarge = dataset.annotations.length > MOST_CHECKED;
      const oddities = isLarge ? [] : findOddities(datasetSubject(dataset, join(options.out, "annotations.json")));
      const check = isLarge ? laterCheck(options.out) : firstFindings(oddities, options.out);
      process.stdout.write(`${importText(report)}${check}wrote        ${options.out}\n`);
    });
}

function annotationsOf({ format, annotations, points, images }: Options): string {
  if (points !== undefined && (format !== "points-csv" || annotations !== undefined))
    throw new UserError("--points is another name of --annotations for points-csv; write --annotations");
  const path = annotations ?? points;
  if (path !== undefined) return path;
  const { beside }: ImportFormat = importFormats[format];
  if (beside) return images;
  throw new UserError(`--annotations is missing; for ${format} it is: ${importFormats[format].title}`);
}

function formatLines(): string {
  return Object.entries(importFormats)
    .map(([name, { title }]) => `  ${name.padEnd(17)}${title}\n`)
    .join("");
}

function parseMpp(text: string): number {
  const value = between(0, 1000)(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** Annotations; more would take memory that the import has not needed. */
const MOST_CHECKED = 200_000;

/** Parses a regular expression. */
export function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(`It must be a regular expression: ${(error as Error).message.split("\n", 1)[0]}.`);
  }
}
