// From a slide to its files of cells. Finished rows go to a journal on the disk; the files are written from it at the end, so that
// their bytes do not depend on how often the search was interrupted.

import { existsSync } from "node:fs";
import { UserError } from "../errors.ts";
import { everywhere } from "../geometry/search-area.ts";
import type { Window } from "../geometry/windows.ts";
import type { Slide } from "../slides/slide.ts";
import { type Tissue, wholeSlide } from "../slides/tissue.ts";
import { type CellFinder, type Cells, detectSlide, type FinishedRow, type SlideDetectOptions } from "./detect-slide.ts";
import { requireOutput } from "./outputs/index.ts";
import type { SearchedSlide } from "./outputs/output.ts";
import { slideGrid } from "./slide-grid.ts";
import { changedSetting, type SlideSettings, settingsText, WorkFolder, workFolderOf } from "./work-folder.ts";

export interface SlidePrediction extends Omit<SlideDetectOptions, "after" | "onWindow"> {
  readonly detector: CellFinder;
  readonly slide: Slide;
  readonly classes: readonly string[];
  /** The slide's name in the files. */
  readonly name: string;
  /** The files to write, at least one; their ends say what they are. */
  readonly files: readonly string[];
  /** Where the settings stay when all is written, so that a finished slide is known; default: nowhere. */
  readonly settingsFile?: string;
  /** What the cells depend on; a search goes on only with the same. */
  readonly settings: SlideSettings;
  /** The tissue in the area, by which progress is measured; default: all of the slide. */
  readonly tissue?: Pick<Tissue, "part" | "mm2">;
  /** Replace what is there. */
  readonly overwrite?: boolean;
  readonly onProgress?: (progress: SlideProgress) => void;
  /** Called when a further row is on the disk: what comes after can be lost, it cannot. */
  readonly onRow?: () => void;
  /** Called when all cells are known, before the files are written. */
  readonly onFound?: (slide: SearchedSlide, cells: () => Iterable<Cells>) => Promise<void> | void;
}

export interface SlideProgress {
  readonly windows: number;
  /** Of all windows. */
  readonly of: number;
  /** Tissue that has been searched, of all that will be; null where the microns per pixel are unknown. */
  readonly mm2: { readonly searched: number; readonly of: number } | null;
  readonly cells: number;
}

export interface SlideOutcome {
  readonly cells: number;
  /** Of each class. */
  readonly byClass: readonly number[];
  readonly windows: number;
  /** Rows that an earlier process had finished. */
  readonly resumedRows: number;
  readonly badTiles: readonly string[];
  readonly capped: number;
  readonly proposalsCapped: number;
}

/**
 * Searches the slide, or goes on with it, and writes its files. Throws a UserError when a file exists (unless its search is
 * unfinished, or with `overwrite`), when the search was begun with other settings and when nothing of the slide is to be searched.
 */
export async function predictSlide(prediction: SlidePrediction): Promise<SlideOutcome> {
  const { detector, slide, classes, name, files, settings, onProgress, onFound, area = everywhere } = prediction;
  const { tissue = wholeSlide(slide) } = prediction;
  const outputs = files.map((file) => ({ file, output: requireOutput(file) }));
  requireFree(prediction);
  const { scale, window } = prediction;
  const grid = slideGrid(slide, detector.config.input, area, { scale, window });
  if (grid.windows === 0)
    throw new UserError(`${slide.path}: nothing of it lies in the area to search; check --regions, or pass --no-tissue`);
  const work = new WorkFolder(files[0], settings);
  try {
    const totals = new Totals(classes.length);
    let last: FinishedRow | undefined;
    for (const row of work.rows()) totals.add((last = row));
    const resumedRows = last === undefined ? 0 : last.row + 1;
    const tissueIn = (place: Window): number => tissue.part(place) * place.width * place.height; // pixels of level 0
    const resumed = grid.rows.slice(0, resumedRows).flatMap((row) => row.windows);
    let searched = resumed.reduce((sum, { place }) => sum + tissueIn(place), 0);
    let [windows, found] = [totals.windows, totals.cells];
    const report = () => onProgress?.({ windows, of: grid.windows, mm2: searchedMm2(slide, tissue, searched), cells: found });
    const onWindow: SlideDetectOptions["onWindow"] = (one) => {
      [windows, searched, found] = [windows + 1, searched + tissueIn(one.place), found + one.found];
      report();
    };
    if (resumedRows > 0) report();
    for await (const row of detectSlide(detector, slide, { area, scale, window, after: last, onWindow })) {
      work.add(row);
      totals.add(row);
      found = totals.cells;
      prediction.onRow?.();
    }
    const badTiles = [...totals.badTiles].sort();
    const { width, height, mpp } = slide;
    const described = { name, width, height, mpp: mpp && { x: mpp.x, y: mpp.y }, classes, badTiles };
    for (const { file, output } of outputs) work.deliver(file, output.write(described, work.cells()));
    await onFound?.(described, () => work.cells());
    if (prediction.settingsFile) work.deliver(prediction.settingsFile, [settingsText(settings)]);
    work.remove();
    const { cells, byClass, capped, proposalsCapped } = totals;
    return { cells, byClass, windows: totals.windows, resumedRows, badTiles, capped, proposalsCapped };
  } catch (error) {
    work.close();
    throw error;
  }
}

/** Whether all files are there, from a search with the same settings. */
export function isPredicted({
  files,
  settingsFile,
  settings,
}: Pick<SlidePrediction, "files" | "settingsFile" | "settings">): boolean {
  if (settingsFile === undefined || existsSync(workFolderOf(files[0]))) return false;
  return [...files, settingsFile].every((file) => existsSync(file)) && changedSetting(settingsFile, settings) === null;
}

function searchedMm2({ mpp }: Slide, { mm2 }: Pick<Tissue, "mm2">, pixels: number): SlideProgress["mm2"] {
  return mpp && mm2 !== null ? { searched: (pixels * mpp.x * mpp.y) / 1e6, of: mm2 } : null;
}

/** An unfinished search was allowed to write when it began. */
function requireFree({ files, overwrite = false }: SlidePrediction): void {
  if (overwrite || existsSync(workFolderOf(files[0]))) return;
  const existing = files.find((file) => existsSync(file));
  if (existing) throw new UserError(`${existing}: already exists; choose another name, remove it first, or pass --overwrite`);
}

/** Of all rows so far. */
class Totals {
  readonly byClass: number[];
  readonly badTiles = new Set<string>();
  windows = 0;
  capped = 0;
  proposalsCapped = 0;

  constructor(classes: number) {
    this.byClass = new Array<number>(classes).fill(0);
  }

  get cells(): number {
    return this.byClass.reduce((sum, count) => sum + count, 0);
  }

  add({ cells, badTiles, windows, capped, proposalsCapped }: FinishedRow): void {
    for (const label of cells.labels) this.byClass[label - 1]++;
    for (const tile of badTiles) this.badTiles.add(tile);
    this.windows += windows;
    this.capped += capped;
    this.proposalsCapped += proposalsCapped;
  }
}
