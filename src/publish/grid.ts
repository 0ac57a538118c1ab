// Writes the report of a grid: gathers its records, pictures and gradients from its folder, has them drawn, and writes one page,
// the same as Markdown, the figures as SVG files and the numbers as JSON.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readCocoDetections } from "../data/coco/evaluation-files.ts";
import { readDataset } from "../data/dataset-folder.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import type { Block, Patches } from "../report/document/document.ts";
import { renderMarkdown } from "../report/document/markdown.ts";
import { renderDocument } from "../report/document/page.ts";
import { svgFiles } from "../report/document/svg.ts";
import { loadPen } from "../report/figures/panels.ts";
import { gradientBlocks } from "../report/gradients/document.ts";
import { gridDocument } from "../report/grid/document.ts";
import { heldOutPatches, runsToShow, sectionsToShow } from "../report/grid/patches.ts";
import { renderGridResults } from "../report/grid/results.ts";
import { type GridSummary, summarizeGrid } from "../report/grid/summary.ts";
import { gradientsFile, readGradients } from "../runs/gradients.ts";
import { GridFolder } from "../runs/grid-folder.ts";
import { sectionPicture } from "./pictures.ts";

export interface GridReportOptions {
  /** The folder of the grid. */
  readonly dir: string;
  /** Default: `report` in it. */
  readonly out?: string;
  /** One line for people. */
  readonly onNote?: (line: string) => void;
}

/**
 * Writes report.html, report.md, results.json and the SVG files, each whole or not at all; returns the page's path and how much
 * of the grid it shows. Throws a UserError when `dir` holds no grid and when a file cannot be read or written.
 */
export async function writeGridReport({ dir, out = join(dir, "report"), onNote }: GridReportOptions): Promise<{
  page: string;
  finished: number;
  total: number;
}> {
  const folder = new GridFolder(dir);
  const summary = summarizeGrid({ grid: folder.record(), results: folder.results(), failed: folder.failed() });
  const document = gridDocument(summary, {
    pen: await loadPen(),
    patches: await patchesOrReason(folder, summary, onNote),
    gradients: gradientsOrReason(join(dir, "gradients", gradientsFile), onNote),
  });
  for (const [name, svg] of svgFiles(document)) writeFileAtomic(join(out, `${name}.svg`), svg);
  writeFileAtomic(join(out, "results.json"), renderGridResults(summary));
  writeFileAtomic(join(out, "report.md"), renderMarkdown(document));
  const page = join(out, "report.html");
  writeFileAtomic(page, renderDocument(document));
  return { page, finished: summary.runs.length, total: summary.total };
}

/** Pictures may be missing: the report says why. */
async function patchesOrReason(
  folder: GridFolder,
  summary: GridSummary,
  onNote?: (line: string) => void,
): Promise<Patches | string> {
  try {
    const patches = await gatherPatches(folder, summary);
    return patches ?? "No pictures: the detections of the finished runs are gone.";
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onNote?.(`no pictures of held-out patches: ${error.message}`);
    return "No pictures: the dataset or the detections of the runs could not be read.";
  }
}

/** Null where no run has detections, or none of their images a cell. */
async function gatherPatches(folder: GridFolder, summary: GridSummary): Promise<Patches | null> {
  const runs = runsToShow(summary, (unit) => existsSync(folder.detectionsFile(unit)));
  if (runs.length === 0) return null;
  const dataset = readDataset(summary.grid.data);
  const files = runs.map(({ unit }) => readCocoDetections(folder.detectionsFile(unit)));
  const sections = sectionsToShow(dataset, new Set(files[0].images?.map(({ id }) => id)));
  if (sections.length === 0) return null;
  const pictures: Uint8Array[] = [];
  for (const section of sections)
    pictures.push(await sectionPicture(await readDatasetImage(dataset.dir, section.image), section));
  return heldOutPatches(summary, {
    dataset,
    shown: runs.map((run, i) => ({ run, detections: files[i].detections })),
    sections: sections.map((section, i) => ({ ...section, picture: pictures[i] })),
  });
}

/** What `sparsecell gradients` found in these runs, if it was run. */
function gradientsOrReason(file: string, onNote?: (line: string) => void): readonly Block[] {
  if (!existsSync(file)) return [];
  try {
    return gradientBlocks(readGradients(file)) ?? [{ kind: "text", text: "One method at every rate: nothing to compare." }];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onNote?.(`no gradients by layer: ${error.message}`);
    return [{ kind: "text", text: "The gradients by layer could not be read." }];
  }
}
