// What a detector finds on its training images, or on a fair part of them, where annotations may be incomplete: outside complete
// and ignored regions.

import { brightness } from "../data/brightness.ts";
import { cellCategories, type Dataset, type DatasetImage, imagesOf, visibleCells } from "../data/dataset.ts";
import type { Detector } from "../detector/detector.ts";
import { match, type Truth } from "../evaluate/matching.ts";
import { type Box, centre } from "../geometry/box.ts";
import { distanceToBoxes } from "../geometry/distance-to-boxes.ts";
import { regionAt } from "../geometry/region.ts";
import { fromBoxes } from "../geometry/rows.ts";
import { grouped } from "../grouped.ts";
import type { Found, FoundCell } from "../methods/calibration.ts";
import type { TrainConfig } from "../settings/training.ts";
import type { FoundBesideMarks } from "./mark-bias.ts";
import { PlaceSearch } from "./place-search.ts";
import { choosePlaces, detectionsIn, marksAt, type Place, windowBox } from "./places.ts";

/** A search may take as long as this part of the training, where that is not too little. */
const PART = 0.01;
const [FEWEST, MOST] = [20, 200];

/** A mark that is found as a cell of another class is found. */
const ANY = 0;

export interface FoundInTraining extends Found {
  readonly cells: readonly (FoundCell & FoundBesideMarks)[];
}

interface Made {
  readonly places: readonly Place[];
  /** `row`: in the boxes of its image. */
  readonly marks: readonly (Truth & { readonly row: number })[];
  readonly search: PlaceSearch;
  /** [K, 4]: all marks of an image. */
  readonly boxesOn: (image: DatasetImage) => Float32Array;
}

export class TrainingSearch {
  readonly #dataset: Dataset;
  readonly #config: TrainConfig;
  #made: Made | null = null;

  constructor(dataset: Dataset, config: TrainConfig) {
    this.#dataset = dataset;
    this.#config = config;
  }

  /** What the detector finds there, with what shows whether marks are a fair sample. */
  async find(detector: Detector): Promise<FoundInTraining> {
    const { places, search, marks, boxesOn } = this.#places();
    const labels = new Map(cellCategories(this.#dataset).map(({ id }, k) => [id, k + 1]));
    const darkness: number[] = [];
    const detections = await search.detections(detector, (place, pixels, found) => {
      const whole = brightness(pixels, [0, 0, pixels.width, pixels.height]);
      for (const { box } of found) darkness.push(whole - brightness(pixels, windowBox(places[place], box)));
    });
    const { truthOf } = match(
      marks,
      detections.map((detection) => ({ ...detection, categoryId: ANY })),
    );
    return {
      cells: detections.map(({ imageId, categoryId, score }, k) => ({
        image: places[imageId].image.id,
        label: labels.get(categoryId) as number,
        score,
        isMarked: truthOf[k] >= 0,
        distance: distanceToBoxes(detections[k].box, boxesOn(places[imageId].image), marks[truthOf[k]]?.row),
        weight: places[imageId].weight,
        box: detections[k].box,
        darkness: darkness[k],
      })),
      marks: marks.reduce((sum, { imageId }) => sum + places[imageId].weight, 0),
    };
  }

  /** Chosen once, when they are first asked for. */
  #places() {
    if (this.#made) return this.#made;
    const { seed, detector } = this.#config;
    const most = Math.min(MOST, Math.max(FEWEST, PART * detectionsIn(this.#config)));
    const byImage = grouped(visibleCells(this.#dataset), ({ imageId }) => imageId);
    const cells = [...byImage.values()].flatMap((onImage) => onImage.map((cell, row) => ({ ...cell, row })));
    const boxes = new Map([...byImage].map(([id, onImage]) => [id, fromBoxes(onImage.map(({ box }) => box))]));
    const places = choosePlaces(imagesOf(this.#dataset, "train"), cells, { input: detector.input, most, seed });
    this.#made = {
      places,
      marks: marksAt(places, cells, isOpen).map(({ imageId, box, row }) => ({ imageId, categoryId: ANY, box, row })),
      search: new PlaceSearch(this.#dataset, places, isOpen),
      boxesOn: ({ id }) => boxes.get(id) ?? new Float32Array(),
    };
    return this.#made;
  }
}

const isOpen = ({ regions }: DatasetImage, box: Box): boolean => regionAt(regions, ...centre(box)) === null;
