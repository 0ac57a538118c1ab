// What was found on a slide, in numbers.

import type { Window } from "../geometry/windows.ts";
import type { Microns, SlideFacts } from "./slide.ts";
import type { Tissue } from "./tissue.ts";

export interface SummaryOptions {
  readonly slide: Pick<SlideFacts, "path" | "width" | "height" | "mpp">;
  readonly tissue: Pick<Tissue, "areaPx" | "mm2" | "share" | "part">;
  /** The names of the classes that were searched for. */
  readonly classes: readonly string[];
  /** In place of the slide's. */
  readonly mpp?: Microns | null;
  /** Of the hot spot, in mm²; 2 by default. */
  readonly hotSpotMm2?: number;
}

export interface FoundCell {
  /** The centre, in pixels of level 0. */
  readonly x: number;
  readonly y: number;
  /** Of `classes`. */
  readonly classIndex: number;
}

export interface ClassCount {
  readonly name: string;
  readonly cells: number;
  /** Per mm² of tissue, or of the hot spot; null where the microns are unknown. */
  readonly perMm2: number | null;
}

/** The share of positive cells among positive and negative ones. */
export interface LabellingIndex {
  readonly positive: string;
  readonly negative: string;
  /** 0 to 1; null where there is neither. */
  readonly index: number | null;
}

/** The square of the wanted area with the most cells, in pixels of level 0. */
export interface HotSpot extends Window {
  readonly mm2: number;
  /** The classes that were counted to find it. */
  readonly of: readonly string[];
  readonly cells: number;
  readonly classes: readonly ClassCount[];
  readonly labelling: LabellingIndex | null;
}

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
  /** null unless one class is called positive and another negative. */
  readonly labelling: LabellingIndex | null;
  /** null where the microns are unknown, or nothing was found. */
  readonly hotSpot: HotSpot | null;
}

/** Counts finished cells without keeping them. */
export class SlideSummary {
  readonly options: SummaryOptions;
  #cells = 0;

  constructor(options: SummaryOptions) {
    this.options = options;
  }

  add(_cell: FoundCell): void {
    this.#cells++;
  }

  finish(): SummaryNumbers {
    const { slide, tissue, mpp = slide.mpp } = this.options;
    return {
      slide: slide.path,
      width: slide.width,
      height: slide.height,
      mpp,
      tissueMm2: tissue.mm2,
      tissueShare: tissue.share,
      cells: this.#cells,
      perMm2: tissue.mm2 ? this.#cells / tissue.mm2 : null,
      classes: [],
      labelling: null,
      hotSpot: null,
    };
  }
}
