// A detector on held-out places, and what the marks there say of it.

import { crop } from "../data/crop.ts";
import { cellCategories, type Dataset, type DatasetImage } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import type { HoldOut } from "../data/hold-out.ts";
import type { RgbImage } from "../data/image-file.ts";
import { resampled } from "../data/resampled.ts";
import { detectionsOf } from "../detect/detections.ts";

import type { Detector } from "../detector/detector.ts";
import { type HeldOutQuality, heldOutQuality } from "../evaluate/held-out.ts";
import type { Detection, Truth } from "../evaluate/matching.ts";
import { type Box, centre } from "../geometry/box.ts";
import { regionAt } from "../geometry/region.ts";
import { boxAt, fromBoxes } from "../geometry/rows.ts";
import { choosePlaces, isAt, isInCore, type Place, type PlaceOptions } from "./held-out-places.ts";

/** Windows whose pixels are kept from one search to the next. */
const MOST_KEPT = 24;

const nothing: RgbImage = { data: new Uint8Array(), width: 0, height: 0 };

export class HeldOutSearch {
  readonly #dataset: Dataset;
  readonly #places: readonly Place[];
  readonly #marks: readonly Truth[];
  readonly #seen: readonly Truth[];
  /** Judged where annotations are complete, and only there. */
  readonly #complete: boolean;
  readonly #completeness: number | undefined;
  #pixels: readonly RgbImage[] | null = null;

  /** `completeness`: the part of the cells that have a mark, where it is estimated. */
  constructor(dataset: Dataset, { images, marks, seen }: HoldOut, options: PlaceOptions & { readonly completeness?: number }) {
    this.#dataset = dataset;
    this.#places = choosePlaces(images, marks, options);
    const inComplete = marks.filter((mark) => this.#regionOf(images, mark) === "complete").length;
    this.#complete = 2 * inComplete >= marks.length;
    this.#completeness = this.#complete ? 1 : options.completeness;
    const atPlaces = (list: HoldOut["marks"]): Truth[] =>
      this.#places.flatMap((place, imageId) => {
        const here = list.filter((mark) => isAt(place, mark) && this.#counts(place.image, mark.box));
        return here.map(({ categoryId, box }) => ({ imageId, categoryId, box }));
      });
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

  /** At scores 0, 0.01 … 0.99. */
  async quality(detector: Detector): Promise<HeldOutQuality[]> {
    const detections: Detection[] = [];
    for await (const [imageId, pixels] of this.#windows()) detections.push(...this.#detect(detector, imageId, pixels));
    return heldOutQuality({
      marks: this.#marks,
      seen: this.#seen,
      detections,
      weightOf: (place) => this.#places[place].weight,
      completeness: this.#completeness,
    });
  }

  /** In pixels of the image that the place is on. */
  #detect(detector: Detector, imageId: number, pixels: RgbImage): Detection[] {
    const { image, size, window, core } = this.#places[imageId];
    const [found] = detector.detect([pixels]);
    const [fx, fy] = [image.width / size.width, image.height / size.height];
    const boxes = Array.from(found.scores, (_, k): Box => {
      const [x1, y1, x2, y2] = boxAt(found.boxes, k);
      return [x1 + window.x, y1 + window.y, x2 + window.x, y2 + window.y];
    });
    const inside = boxes.map((box) => isInCore(core, ...centre(box)));
    const scaled = boxes.map(([x1, y1, x2, y2]): Box => [x1 * fx, y1 * fy, x2 * fx, y2 * fy]);
    const categoryIds = cellCategories(this.#dataset).map(({ id }) => id);
    return detectionsOf({ ...found, boxes: fromBoxes(scaled) }, { imageId, categoryIds }).filter(
      ({ box }, k) => inside[k] && this.#counts(image, box),
    );
  }

  /** The windows of all places, each with its place's number. */
  async *#windows(): AsyncGenerator<readonly [number, RgbImage]> {
    if (this.#pixels) {
      yield* this.#pixels.entries();
      return;
    }
    const kept: RgbImage[] = [];
    let whole: { readonly of: DatasetImage | null; readonly pixels: RgbImage } = { of: null, pixels: nothing };
    for (const [i, { image, size, window }] of this.#places.entries()) {
      if (whole.of !== image) whole = { of: image, pixels: resampled(await readDatasetImage(this.#dataset.dir, image), size) };
      const pixels = crop(whole.pixels, window);
      if (kept.length < MOST_KEPT) kept.push(pixels);
      yield [i, pixels];
    }
    if (kept.length === this.#places.length) this.#pixels = kept;
  }

  #counts(image: DatasetImage, box: Box): boolean {
    const kind = regionAt(image.regions, ...centre(box));
    return this.#complete ? kind === "complete" : kind !== "ignore";
  }

  #regionOf(images: readonly DatasetImage[], { imageId, box }: HoldOut["marks"][number]): ReturnType<typeof regionAt> {
    return regionAt(images.find(({ id }) => id === imageId)?.regions, ...centre(box));
  }
}
