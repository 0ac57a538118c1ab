// Writes the report of a grid: one page, the same as Markdown, its figures as SVG files, its numbers as JSON.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { writeFileAtomic } from "../../files/atomic-write.ts";
import { gradientsFile, readGradients } from "../../runs/gradients.ts";
import { readGridFolder } from "../../runs/grid-reader.ts";
import type { Block, Document } from "../document/document.ts";
import { renderGridMarkdown } from "../document/markdown.ts";
import { renderGridPage } from "../document/page.ts";
import { figureSvg } from "../document/svg.ts";
import { loadPen } from "../figures/panels.ts";
import { gradientBlocks } from "../gradients/sections.ts";
import { heldOutPatches } from "./patches.ts";
import { patchesSvg } from "./patches-svg.ts";
import { renderGridResults } from "./results.ts";
import { type GridRuns, gridRuns } from "./runs.ts";
import { gridDocument } from "./sections.ts";

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
  const runs = gridRuns(readGridFolder(dir));
  const parts = {
    pen: await loadPen(),
    patches: await patchesOrReason(runs, onNote),
    gradients: gradientsOrReason(join(dir, "gradients", gradientsFile), onNote),
  };
  const document = gridDocument(runs, parts);
  for (const [file, svg] of svgFiles(document)) writeFileAtomic(join(out, `${file}.svg`), svg);
  writeFileAtomic(join(out, "results.json"), renderGridResults(runs));
  writeFileAtomic(join(out, "report.md"), renderGridMarkdown(document));
  const page = join(out, "report.html");
  writeFileAtomic(page, renderGridPage(document));
  return { page, finished: runs.runs.length, total: runs.total };
}

/** A report without its pictures is a report. */
async function patchesOrReason(runs: GridRuns, onNote?: (line: string) => void) {
  try {
    const patches = await heldOutPatches(runs);
    return patches ?? "No pictures: no finished run has its detections any more.";
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onNote?.(`no pictures of held-out patches: ${error.message}`);
    return "No pictures: the dataset or the detections of the runs could not be read.";
  }
}

/** What `sparsecell gradients` found in these runs, if it was asked; a report without that is a report, too. */
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

function svgFiles({ sections }: Document): (readonly [file: string, svg: string])[] {
  const ofBlock = (block: Block): (readonly [string, string])[] => {
    if (block.kind === "figure") return [[block.figure.file, figureSvg(block.figure)]];
    if (block.kind === "patches") return [[block.patches.file, patchesSvg(block.patches)]];
    return block.kind === "fold" ? block.blocks.flatMap(ofBlock) : [];
  };
  return sections.flatMap(({ blocks }) => blocks.flatMap(ofBlock));
}
