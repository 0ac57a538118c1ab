// What each step sees. Order and flips are functions of the seed and the step alone, so a resumed training needs no state
// to go on with the very same data. Files are decoded ahead, by other threads, while a step computes.

import type { Box } from "../data/boxes.ts";
import type { Dataset, DatasetImage } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import type { RgbImage } from "../data/image-file.ts";
import type { Truths } from "../detector/roi-head.ts";
import { Random } from "../random.ts";

export interface TrainingBatch {
  readonly names: readonly string[];
  readonly images: readonly RgbImage[];
  readonly truths: readonly Truths[];
}

/** Streams of one seed: epochs have even numbers, steps odd ones. */
const epochStream = (epoch: number): number => 2 * epoch;
const stepStream = (step: number): number => 2 * step + 1;

/** The random numbers of a step (counted from 1): flips first, then whatever the losses sample. */
export const stepRandom = (seed: number, step: number): Random => new Random(seed, stepStream(step));

export class Batches {
  readonly #dataset: Dataset;
  readonly #images: readonly DatasetImage[];
  readonly #truths: ReadonlyMap<number, Truths>;
  readonly #options: { batch: number; seed: number; augment: boolean };
  #ahead: { step: number; batch: Promise<Omit<TrainingBatch, "truths"> & { order: readonly DatasetImage[] }> } | null = null;

  /** Training images of `dataset`, and of their annotations those that are not hidden. */
  constructor(dataset: Dataset, options: { batch: number; seed: number; augment: boolean }) {
    this.#dataset = dataset;
    this.#images = dataset.images.filter((image) => image.split === "train");
    this.#truths = visibleTruths(dataset);
    this.#options = options;
  }

  /** The batch of a step, counted from 1; `random` decides on flips. Throws a UserError for an image that cannot be read. */
  async at(step: number, random: Random): Promise<TrainingBatch> {
    const ahead = this.#ahead?.step === step ? this.#ahead.batch : this.#load(step);
    const { names, images, order } = await ahead;
    const next = this.#load(step + 1);
    next.catch(() => {}); // reported when that step asks for it
    this.#ahead = { step: step + 1, batch: next };
    const flipped = order.map((image, i) =>
      flip(images[i], this.#truths.get(image.id) ?? noTruths, this.#options.augment ? random : null),
    );
    return { names, images: flipped.map(({ image }) => image), truths: flipped.map(({ truths }) => truths) };
  }

  async #load(step: number): Promise<{ names: readonly string[]; images: RgbImage[]; order: readonly DatasetImage[] }> {
    const { batch } = this.#options;
    const order = Array.from({ length: batch }, (_, i) => this.#image((step - 1) * batch + i));
    const images = await Promise.all(order.map((image) => readDatasetImage(this.#dataset.dir, image)));
    return { names: order.map(({ fileName }) => fileName), images, order };
  }

  /** The image at a place of the endless sequence of shuffled epochs. */
  #image(position: number): DatasetImage {
    const epoch = Math.floor(position / this.#images.length);
    if (this.#epoch.number !== epoch)
      this.#epoch = { number: epoch, order: new Random(this.#options.seed, epochStream(epoch)).shuffled(this.#images) };
    return this.#epoch.order[position % this.#images.length];
  }
  #epoch: { number: number; order: readonly DatasetImage[] } = { number: -1, order: [] };
}

const noTruths: Truths = { boxes: new Float32Array(0), labels: new Int32Array(0) };

/** For each image id its annotations that are not hidden; label = 1 + position of the category. */
export function visibleTruths(dataset: Dataset): Map<number, Truths> {
  const labels = new Map(dataset.categories.map(({ id }, i) => [id, i + 1]));
  const lists = new Map<number, { boxes: Box[]; labels: number[] }>();
  for (const { imageId, categoryId, box, hidden } of dataset.annotations) {
    if (hidden) continue;
    let list = lists.get(imageId);
    if (!list) lists.set(imageId, (list = { boxes: [], labels: [] }));
    list.boxes.push(box);
    list.labels.push(labels.get(categoryId) as number);
  }
  return new Map(
    [...lists].map(([id, list]) => [id, { boxes: Float32Array.from(list.boxes.flat()), labels: Int32Array.from(list.labels) }]),
  );
}

/** Mirrored left to right and top to bottom, each with probability ½; cells have no upright. */
function flip(image: RgbImage, truths: Truths, random: Random | null): { image: RgbImage; truths: Truths } {
  const horizontally = random !== null && random.uniform() < 0.5;
  const vertically = random !== null && random.uniform() < 0.5;
  if (!horizontally && !vertically) return { image, truths };
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
  const boxes = truths.boxes.slice();
  for (let k = 0; k < boxes.length; k += 4) {
    if (horizontally) [boxes[k], boxes[k + 2]] = [width - boxes[k + 2], width - boxes[k]];
    if (vertically) [boxes[k + 1], boxes[k + 3]] = [height - boxes[k + 3], height - boxes[k + 1]];
  }
  return { image: { width, height, data: mirrored }, truths: { boxes, labels: truths.labels } };
}
