// A detector on some places of a dataset's images.

import { crop } from "../data/crop.ts";
import { cellCategories, type Dataset, type DatasetImage } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import type { RgbImage } from "../data/image-file.ts";
import { resampled } from "../data/resampled.ts";
import { detectionsOf } from "../detect/detections.ts";
import type { Detector } from "../detector/detector.ts";
import type { Detection } from "../evaluate/matching.ts";
import { type Box, centre } from "../geometry/box.ts";
import { boxAt, fromBoxes } from "../geometry/rows.ts";
import { isInCore, type Place } from "./places.ts";

/** `imageId` is the number of the place. */
export interface FoundAtPlace extends Detection {
  /** 0 … 1: the probability of its proposal. */
  readonly objectness: number;
}

/** Windows whose pixels are kept from one search to the next. */
const MOST_KEPT = 24;

const nothing: RgbImage = { data: new Uint8Array(), width: 0, height: 0 };

export class PlaceSearch {
  readonly #dataset: Dataset;
  readonly #places: readonly Place[];
  readonly #counts: (image: DatasetImage, box: Box) => boolean;
  #pixels: readonly RgbImage[] | null = null;

  /** `counts`: whether a detection with this box, in pixels of its image, is wanted. */
  constructor(dataset: Dataset, places: readonly Place[], counts: (image: DatasetImage, box: Box) => boolean) {
    this.#dataset = dataset;
    this.#places = places;
    this.#counts = counts;
  }

  /** In pixels of the places' images. `onWindow` is shown each window with its own. */
  async detections(
    detector: Detector,
    onWindow?: (place: number, pixels: RgbImage, found: readonly FoundAtPlace[]) => void,
  ): Promise<FoundAtPlace[]> {
    const detections: FoundAtPlace[] = [];
    for await (const [place, pixels] of this.#windows()) {
      const found = this.#detect(detector, place, pixels);
      onWindow?.(place, pixels, found);
      detections.push(...found);
    }
    return detections;
  }

  #detect(detector: Detector, imageId: number, pixels: RgbImage): FoundAtPlace[] {
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
    return detectionsOf({ ...found, boxes: fromBoxes(scaled) }, { imageId, categoryIds })
      .map((detection, k) => ({ ...detection, objectness: found.objectness[k] }))
      .filter(({ box }, k) => inside[k] && this.#counts(image, box));
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
}
