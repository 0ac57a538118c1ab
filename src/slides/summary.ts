// What was found on a slide, in numbers: cells by class, for each mm² of tissue, and where they are most.

import type { Window } from "../geometry/windows.ts";
import { CellGrid } from "./cell-grid.ts";
import { type LabellingClasses, labellingClasses } from "./labelling.ts";
import type { Microns, SlideFacts } from "./slide.ts";
import type { Tissue } from "./tissue.ts";

/** What a summary is of. */
export interface SummaryOptions {
  readonly slide: Pick<SlideFacts, "path" | "width" | "height" | "mpp">;
  /** What was searched. */
  readonly tissue: Pick<Tissue, "areaPx" | "mm2" | "share" | "part">;
  /** The names of the classes that were searched for. */
  readonly classes: readonly string[];
  /** The area of the hot spot; 2 mm² by default. */
  readonly hotSpotMm2?: number;
}

/** A cell that was found, by its place and class. */
export interface FoundCell {
  /** The centre, in pixels of level 0. */
  readonly x: number;
  readonly y: number;
  /** Of `classes`, from 0. */
  readonly classIndex: number;
}

/** The cells of a class. */
export interface ClassCount {
  readonly name: string;
  readonly cells: number;
  /** For each mm² of tissue, or of the hot spot; null where the microns are unknown. */
  readonly perMm2: number | null;
}

/** The share of positive cells among positive and negative ones. */
export interface LabellingIndex {
  /** The names of the classes. */
  readonly positive: string;
  readonly negative: string;
  /** 0 to 1; null where there is neither. */
  readonly index: number | null;
}

/** A square of the wanted area (less where the slide is narrower), in pixels of level 0. */
export interface HotSpot extends Window {
  readonly mm2: number;
  /** The part of it that is tissue. */
  readonly tissueShare: number;
  /** The classes whose cells are most in it: the positive one where there is a labelling index, else all. */
  readonly of: readonly string[];
  readonly cells: number;
  readonly classes: readonly ClassCount[];
  readonly labelling: LabellingIndex | null;
}

/** What was found on a slide, in numbers. */
export interface SummaryNumbers {
  readonly slide: string;
  readonly width: number;
  readonly height: number;
  readonly mpp: Microns | null;
  readonly tissueMm2: number | null;
  /** The part of the slide that is tissue. */
  readonly tissueShare: number;
  readonly cells: number;
  readonly perMm2: number | null;
  readonly classes: readonly ClassCount[];
  /** null unless one class is called positive and another negative (labelling.ts). */
  readonly labelling: LabellingIndex | null;
  /** null where the microns are unknown, none of the cells that make it was found, or the tissue is smaller than it. */
  readonly hotSpot: HotSpot | null;
}

/** About the side of a square in which cells are counted, in microns; where these are unknown, how many there are along a side. */
const [SQUARE_MICRONS, SQUARES] = [50, 400];

/**
 * Counts cells as they are finished, without keeping them. The order does not matter.
 *
 * @example
 * const summary = new SlideSummary({ slide, tissue: await findTissue(slide), classes: ["positive", "negative"] });
 * for (const { box: [x1, y1, x2, y2], label } of cells) summary.add({ x: (x1 + x2) / 2, y: (y1 + y2) / 2, classIndex: label - 1 });
 * const { perMm2, hotSpot } = summary.finish();
 */
export class SlideSummary {
  readonly options: SummaryOptions;
  /** The area of the hot spot. */
  readonly hotSpotMm2: number;
  readonly grid: CellGrid;
  readonly #pair: LabellingClasses | null;
  /** Squares along a side of the hot spot, which they divide evenly. */
  readonly #across: number;

  constructor(options: SummaryOptions) {
    const { slide, classes, hotSpotMm2 = 2 } = options;
    const microns = 1000 * Math.sqrt(hotSpotMm2);
    this.options = options;
    this.hotSpotMm2 = hotSpotMm2;
    this.#across = Math.max(1, Math.round(microns / SQUARE_MICRONS));
    const side = microns / this.#across;
    const pixels = Math.max(1, Math.max(slide.width, slide.height) / SQUARES);
    const { mpp } = slide;
    this.grid = new CellGrid(slide, mpp ? { x: side / mpp.x, y: side / mpp.y } : { x: pixels, y: pixels }, classes.length);
    this.#pair = labellingClasses(classes);
  }

  add({ x, y, classIndex }: FoundCell): void {
    this.grid.add(x, y, classIndex);
  }

  /** The classes of the density map and of the hot spot: the positive one where there is a labelling index, else all. */
  get mapped(): readonly number[] {
    return this.#pair ? [this.#pair.positive] : this.options.classes.map((_, i) => i);
  }

  /** Whether the tissue is smaller than a hot spot, which would then be all of it, thinned by glass. */
  get isTooSmallForHotSpot(): boolean {
    const { mm2 } = this.options.tissue;
    return mm2 !== null && mm2 < this.hotSpotMm2;
  }

  finish(): SummaryNumbers {
    const { slide, tissue } = this.options;
    const counts = this.grid.counts.map((squares) => squares.reduce((sum, count) => sum + count, 0));
    const cells = sum(counts);
    return {
      slide: slide.path,
      width: slide.width,
      height: slide.height,
      mpp: slide.mpp,
      tissueMm2: tissue.mm2,
      tissueShare: tissue.share,
      cells,
      perMm2: per(cells, tissue.mm2),
      classes: this.#classCounts(counts, tissue.mm2),
      labelling: this.#labelling(counts),
      hotSpot: this.#hotSpot(),
    };
  }

  #hotSpot(): HotSpot | null {
    const { slide, tissue, classes } = this.options;
    const { mpp } = slide;
    const found = mpp && !this.isTooSmallForHotSpot && this.grid.densest(this.mapped, this.#across, this.#across);
    if (!mpp || !found) return null;
    const { x: sideX, y: sideY } = this.grid.side;
    const [x, y] = [found.column * sideX, found.row * sideY];
    const window = {
      x,
      y,
      width: Math.min(this.#across * sideX, slide.width - x),
      height: Math.min(this.#across * sideY, slide.height - y),
    };
    const counts = this.grid.within({ x: found.column, y: found.row, width: this.#across, height: this.#across });
    const mm2 = (window.width * mpp.x * window.height * mpp.y) / 1e6;
    return {
      ...window,
      mm2,
      tissueShare: tissue.part(window),
      of: this.mapped.map((i) => classes[i]),
      cells: found.cells,
      classes: this.#classCounts(counts, mm2),
      labelling: this.#labelling(counts),
    };
  }

  #classCounts(counts: readonly number[], mm2: number | null): ClassCount[] {
    return counts.map((cells, i) => ({ name: this.options.classes[i], cells, perMm2: per(cells, mm2) }));
  }

  #labelling(counts: readonly number[]): LabellingIndex | null {
    if (this.#pair === null) return null;
    const { positive, negative } = this.#pair;
    const all = counts[positive] + counts[negative];
    const { classes } = this.options;
    return { positive: classes[positive], negative: classes[negative], index: all === 0 ? null : counts[positive] / all };
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const per = (cells: number, mm2: number | null): number | null => (mm2 ? cells / mm2 : null);
