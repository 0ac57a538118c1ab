// `sparsecell data export`: annotations or detections for other tools.

import { existsSync, statSync } from "node:fs";
import { Command, Option } from "commander";
import { imagesOf } from "../../../data/dataset.ts";
import { UserError } from "../../../errors.ts";
import type { ExportSource } from "../../../formats/export-source.ts";
import { type ExportFormatName, exportFormats, type Lost } from "../../../formats/index.ts";
import { isSameFile } from "../../options/out-file.ts";
import { between } from "../../options/values.ts";

interface Options {
  readonly format: ExportFormatName;
  readonly split?: "train" | "test";
  readonly score?: number;
  readonly hidden?: "include" | "leave-out";
  readonly dropInvalid?: boolean;
  readonly out: string;
}

const EXAMPLE = `
Formats:
${Object.entries(exportFormats)
  .map(([name, { title }]) => `  ${name.padEnd(12)}${title}`)
  .join("\n")}

Annotations that "data sparsify" has hidden are left out unless --hidden include asks for them: another trainer would see them.

Example:
  $ npx sparsecell data export data/ki67 --format voc --split train --out voc
  $ npx sparsecell data export detections.json --format qupath --score 0.5 --out qupath`;

/** The command's name until 0.6.0. */
export const formerExport = (): Command =>
  dataExportCommand().hook("postAction", () => {
    console.error('"export" of annotations is now "data export"; the old name still works');
  });

const writing = (what: "file" | "folder"): string =>
  Object.entries(exportFormats)
    .filter(([, { writes }]) => writes === what)
    .map(([name]) => name)
    .join(", ");

export function dataExportCommand(): Command {
  return new Command("export")
    .description("write annotations or detections in another tool's format")
    .argument("<source>", 'folder of a dataset, or a JSON file of detections that "predict" wrote')
    .addOption(new Option("--format <name>", "what to write").choices(Object.keys(exportFormats)).makeOptionMandatory())
    .addOption(new Option("--split <name>", "for a dataset: only the images of this split").choices(["train", "test"]))
    .option("--score <number>", "for detections: least score, 0 to 1 (default: all)", between(0, 1))
    .addOption(
      new Option("--hidden <what>", "for a dataset: what to do with hidden annotations (default: leave-out)").choices([
        "include",
        "leave-out",
      ]),
    )
    .option(
      "--drop-invalid",
      "leave out faulty annotations and detections; they are counted and named (default: stop at the first)",
    )
    .requiredOption("--out <path>", `file (${writing("file")}) or new folder (${writing("folder")}) to write`)
    .addHelpText("after", EXAMPLE)
    .action(exportFromCommandLine);
}

async function exportFromCommandLine(path: string, options: Options): Promise<void> {
  if (!existsSync(path)) throw new UserError(`${path}: no such folder or file; check the path`);
  const source = statSync(path).isDirectory() ? await fromDataset(path, options) : await fromDetections(path, options);
  const { lost, write } = exportFormats[options.format];
  await write(source, options.out);
  for (const note of notes(source, lost)) console.error(note);
  const boxes = source.images.reduce((sum, { marks }) => sum + marks.length, 0);
  console.log(`${boxes} boxes on ${source.images.length} images: ${options.out}`);
}

async function fromDataset(
  dir: string,
  { split, score, hidden = "leave-out", dropInvalid = false, out }: Options,
): Promise<ExportSource> {
  if (score !== undefined) throw new UserError(`${dir}: is a dataset, which has no scores; leave out --score`);
  const { annotationsPath, readDataset } = await import("../../../data/dataset-folder.ts");
  const { exportOfDataset } = await import("../../../formats/export-source.ts");
  const dataset = readDataset(dir, { dropInvalid, onNote: console.error });
  if (isSameFile(out, annotationsPath(dir)))
    throw new UserError(`${out}: is the dataset's annotations file; choose another --out`);
  if (hidden === "include") return exportOfDataset(dataset, { split, hidden: true });
  const ids = new Set(imagesOf(dataset, split).map(({ id }) => id));
  const left = dataset.annotations.filter(({ hidden, imageId }) => hidden && ids.has(imageId)).length;
  if (left > 0) console.error(`${left} hidden annotations were left out; include them with --hidden include`);
  return exportOfDataset(dataset, { split, hidden: false });
}

async function fromDetections(
  file: string,
  { split, score = -Infinity, hidden, dropInvalid = false, out }: Options,
): Promise<ExportSource> {
  if (isSameFile(out, file)) throw new UserError(`${out}: is the file of detections itself; choose another --out`);
  if (split !== undefined || hidden !== undefined)
    throw new UserError(`${file}: is a file of detections; leave out ${split === undefined ? "--hidden" : "--split"}`);
  const { readCocoDetections } = await import("../../../data/coco/evaluation-files.ts");
  const { exportOfDetections } = await import("../../../formats/export-source.ts");
  const found = readCocoDetections(file, { dropInvalid, refuseEmpty: true });
  for (const note of found.notes ?? []) console.error(note);
  return exportOfDetections(found, score);
}

/** What the format has no place for, a line each. */
function notes({ images }: ExportSource, lost: readonly Lost[]): string[] {
  const counts = {
    regions: images.reduce((sum, { regions = [] }) => sum + regions.length, 0),
    hidden: images.reduce((sum, { marks }) => sum + marks.filter(({ hidden }) => hidden).length, 0),
    empty: images.filter(({ marks }) => marks.length === 0).length,
  };
  const texts = {
    regions: "regions were left out: the format cannot hold them",
    hidden: "hidden annotations look like all others there: the format cannot mark them",
    empty: "images without a box are not in the file: the format cannot hold them",
  };
  return lost.filter((what) => counts[what] > 0).map((what) => `${counts[what]} ${texts[what]}`);
}
