// A detector on held-out places, and what the marks there say of it.

import type { Dataset, DatasetImage } from "../data/dataset.ts";
import type { HoldOut } from "../data/hold-out.ts";
import type { RgbImage } from "../data/image-file.ts";
import type { Detector } from "../detector/detector.ts";
import { type HeldOutQuality, heldOutQuality } from "../evaluate/held-out.ts";
import type { Detection, Truth } from "../evaluate/matching.ts";
import { type Box, centre } from "../geometry/box.ts";
import { regionAt } from "../geometry/region.ts";
import { type FoundAtPlace, PlaceSearch } from "./place-search.ts";
import { choosePlaces, marksAt, type Place, type PlaceOptions, windowBox } from "./places.ts";

/** A window with held-out marks, for people to look at; boxes are in its pixels. */
export interface HeldOutPicture extends RgbImage {
  readonly marks: readonly Box[];
  readonly found: readonly { readonly box: Box; readonly score: number }[];
}

/** So many windows are shown. */
const MOST_PICTURES = 3;

export class HeldOutSearch {
  readonly #search: PlaceSearch;
  readonly #places: readonly Place[];
  readonly #marks: readonly Truth[];
  readonly #seen: readonly Truth[];
  /** Judged where annotations are complete, and only there. */
  readonly #complete: boolean;
  readonly #completeness: number | undefined;

  /** `completeness`: the part of the cells that have a mark, where it is estimated. */
  constructor(dataset: Dataset, { images, marks, seen }: HoldOut, options: PlaceOptions & { readonly completeness?: number }) {
    this.#places = choosePlaces(images, marks, options);
    this.#search = new PlaceSearch(dataset, this.#places, (image, box) => this.#counts(image, box));
    const inComplete = marks.filter((mark) => this.#regionOf(images, mark) === "complete").length;
    this.#complete = 2 * inComplete >= marks.length;
    this.#completeness = this.#complete ? 1 : options.completeness;
    const atPlaces = (list: HoldOut["marks"]): Truth[] =>
      marksAt(this.#places, list, (image, box) => this.#counts(image, box)).map(({ imageId, categoryId, box }) => ({
        imageId,
        categoryId,
        box,
      }));
    this.#marks = atPlaces(marks);
    this.#seen = atPlaces(seen);
  }

  /** Held-out marks at the places that are searched. */
  get marks(): number {
    return this.#marks.length;
  }

  /** Whether F1 is measured, where annotations are complete. */
  get knowsPrecision(): boolean {
    return this.#complete;
  }

  /** What the detector finds there. `onPicture` is shown the first few windows with marks, the same each time. */
  find(detector: Detector, onPicture?: (picture: HeldOutPicture) => void): Promise<FoundAtPlace[]> {
    let shown = 0;
    const show = (place: number, pixels: RgbImage, found: readonly Detection[]): void => {
      const marks = this.#marks.filter(({ imageId }) => imageId === place);
      if (marks.length === 0 || shown++ >= MOST_PICTURES) return;
      const inWindow = (box: Box): Box => windowBox(this.#places[place], box);
      onPicture?.({
        ...pixels,
        marks: marks.map(({ box }) => inWindow(box)),
        found: found.map(({ box, score }) => ({ box: inWindow(box), score })),
      });
    };
    return this.#search.detections(detector, onPicture && show);
  }

  /** How good that is, at scores 0, 0.01 … 0.99. */
  quality(detections: readonly Detection[]): HeldOutQuality[] {
    return heldOutQuality({
      marks: this.#marks,
      seen: this.#seen,
      detections,
      weightOf: (place) => this.#places[place].weight,
      completeness: this.#completeness,
    });
  }

  #counts(image: DatasetImage, box: Box): boolean {
    const kind = regionAt(image.regions, ...centre(box));
    return this.#complete ? kind === "complete" : kind !== "ignore";
  }

  #regionOf(images: readonly DatasetImage[], { imageId, box }: HoldOut["marks"][number]): ReturnType<typeof regionAt> {
    return regionAt(images.find(({ id }) => id === imageId)?.regions, ...centre(box));
  }
}
