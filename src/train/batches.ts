// What each step sees. Order and flips are functions of the seed and the step alone, so a resumed training sees the
// same data without any state. Files are decoded ahead, by other threads, while a step computes.

import { cellCategories, type Dataset, type DatasetImage, imagesOf } from "../data/dataset.ts";
import { annotationsPath } from "../data/dataset-folder.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import type { RgbImage } from "../data/image-file.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { UserError } from "../errors.ts";
import type { Box } from "../geometry/box.ts";
import { moveRegion } from "../geometry/region.ts";
import { fromBoxes } from "../geometry/rows.ts";
import { epochRandom, type Random, type RandomFor } from "../random.ts";

/** Images as a step sees them, and what is known of each. */
export interface View {
  readonly images: readonly RgbImage[];
  readonly known: readonly KnownCells[];
}

/** The images of a step. */
export interface TrainingBatch extends View {
  /** File names, relative to the dataset. */
  readonly names: readonly string[];
  /** The same images, augmented another time. */
  secondView(): View;
}

interface Loaded {
  readonly names: readonly string[];
  readonly images: readonly RgbImage[];
  readonly order: readonly DatasetImage[];
}

export class Batches {
  readonly #dataset: Dataset;
  readonly #images: readonly DatasetImage[];
  readonly #known: ReadonlyMap<number, KnownCells>;
  readonly #options: { batch: number; seed: number; augment: boolean };
  #ahead: { step: number; batch: Promise<Loaded> } | null = null;

  /** Training images of `dataset`, and of their annotations those that are not hidden. */
  constructor(dataset: Dataset, options: { batch: number; seed: number; augment: boolean }) {
    this.#dataset = dataset;
    this.#images = imagesOf(dataset, "train");
    this.#known = knownCells(dataset);
    this.#options = options;
  }

  /** The batch of a step, counted from 1; `random` decides on flips. Throws a UserError for an image that cannot be read. */
  async at(step: number, random: RandomFor): Promise<TrainingBatch> {
    const ahead = this.#ahead?.step === step ? this.#ahead.batch : this.#load(step);
    const { names, images, order } = await ahead;
    const next = this.#load(step + 1);
    next.catch(() => {}); // reported when that step asks for it
    this.#ahead = { step: step + 1, batch: next };
    const view = (use: "augmentation" | "second view"): View => {
      const flipped = order.map((image, i) =>
        flip(images[i], this.#known.get(image.id) ?? noCells, this.#options.augment ? random(i, use) : null),
      );
      return { images: flipped.map(({ image }) => image), known: flipped.map(({ known }) => known) };
    };
    return { names, ...view("augmentation"), secondView: () => view("second view") };
  }

  async #load(step: number): Promise<Loaded> {
    const { batch } = this.#options;
    const order = Array.from({ length: batch }, (_, i) => this.#image((step - 1) * batch + i));
    const images = await Promise.all(order.map((image) => readDatasetImage(this.#dataset.dir, image)));
    return { names: order.map(({ fileName }) => fileName), images, order };
  }

  /** The image at a place of the endless sequence of shuffled epochs. */
  #image(position: number): DatasetImage {
    const epoch = Math.floor(position / this.#images.length);
    if (this.#epoch.number !== epoch)
      this.#epoch = { number: epoch, order: epochRandom(this.#options.seed, epoch).shuffled(this.#images) };
    return this.#epoch.order[position % this.#images.length];
  }
  #epoch: { number: number; order: readonly DatasetImage[] } = { number: -1, order: [] };
}

const noCells: KnownCells = { boxes: new Float32Array(0), labels: new Int32Array(0) };

/**
 * Of each image id what training may know of it: annotations that are not hidden, hard negatives, regions. Throws a UserError
 * when a box is not one that a loss can be computed of.
 */
export function knownCells(dataset: Dataset): Map<number, KnownCells> {
  const labels = new Map(cellCategories(dataset).map(({ id }, i) => [id, i + 1]));
  const lists = new Map(
    dataset.images.map(({ id }) => [id, { boxes: [] as Box[], labels: [] as number[], negatives: [] as Box[] }]),
  );
  for (const { id, imageId, categoryId, box, hidden } of dataset.annotations) {
    const list = lists.get(imageId);
    if (hidden || !list) continue;
    requireBox(dataset, id, box);
    const label = labels.get(categoryId);
    if (label === undefined) list.negatives.push(box);
    else {
      list.boxes.push(box);
      list.labels.push(label);
    }
  }
  return new Map(
    dataset.images.map(({ id, regions }): [number, KnownCells] => {
      const { boxes, labels, negatives } = lists.get(id) ?? { boxes: [], labels: [], negatives: [] };
      const known = { boxes: fromBoxes(boxes), labels: Int32Array.from(labels), regions };
      return [id, negatives.length === 0 ? known : { ...known, negatives: fromBoxes(negatives) }];
    }),
  );
}

const NARROWEST = 0.01; // pixels: what is narrower can be empty in float32, in the size that the network sees

function requireBox({ dir }: Dataset, id: number, box: Box): void {
  const [x1, y1, x2, y2] = box;
  if (box.every(Number.isFinite) && x2 - x1 >= NARROWEST && y2 - y1 >= NARROWEST) return;
  throw new UserError(
    `${annotationsPath(dir)}: the box of annotation ${id} is ${x2 - x1}×${y2 - y1} pixels, and ${NARROWEST} is the least; correct or remove it`,
  );
}

/** Mirrored left to right and top to bottom, each with probability ½; cells have no upright. */
function flip(image: RgbImage, known: KnownCells, random: Random | null): { image: RgbImage; known: KnownCells } {
  const horizontally = random !== null && random.uniform() < 0.5;
  const vertically = random !== null && random.uniform() < 0.5;
  if (!horizontally && !vertically) return { image, known };
  const { width, height, data } = image;
  const mirrored = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const from = (vertically ? height - 1 - y : y) * width;
    for (let x = 0; x < width; x++) {
      const source = 3 * (from + (horizontally ? width - 1 - x : x));
      const target = 3 * (y * width + x);
      mirrored[target] = data[source];
      mirrored[target + 1] = data[source + 1];
      mirrored[target + 2] = data[source + 2];
    }
  }
  const flipped = (boxes: Float32Array): Float32Array => {
    const result = boxes.slice();
    for (let k = 0; k < result.length; k += 4) {
      if (horizontally) [result[k], result[k + 2]] = [width - result[k + 2], width - result[k]];
      if (vertically) [result[k + 1], result[k + 3]] = [height - result[k + 3], height - result[k + 1]];
    }
    return result;
  };
  const regions = known.regions?.map((region) =>
    moveRegion(region, (x, y) => [horizontally ? width - x : x, vertically ? height - y : y]),
  );
  const { boxes, labels, negatives } = known;
  return {
    image: { width, height, data: mirrored },
    known: { boxes: flipped(boxes), labels, negatives: negatives && flipped(negatives), regions },
  };
}
