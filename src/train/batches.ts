// What each step sees. Images, windows and augmentations are functions of the seed and the step alone, so a resumed training sees
// the same data without any state. Pixels are made ahead, by another thread, while a step computes.

import { drawChanges } from "../data/augment/index.ts";
import { type Dataset, type DatasetImage, imagesOf } from "../data/dataset.ts";
import type { ImageSize } from "../data/image-file.ts";
import { Loader } from "../data/loader/loader.ts";
import type { WindowRequest } from "../data/loader/window-request.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import type { TrainingBatch, View } from "../procedures/procedure.ts";
import { epochRandom, type Random, type RandomUse, stepRandom } from "../random.ts";
import type { augmentation } from "../settings/augmentation.ts";
import type { InputSize } from "../settings/detector.ts";
import type { TrainConfig } from "../settings/training.ts";
import { knownCells } from "./known-cells.ts";
import { knownInWindow, type Place, randomSymmetry, upright, wholeImage, windowOf, windowsIn } from "./training-window.ts";

type Augmentations = Pick<TrainConfig, "augment" | keyof typeof augmentation>;

/** Those of a training that decide what it sees. */
export interface BatchSettings extends Pick<TrainConfig, "batch" | "seed">, Augmentations {
  readonly detector: { readonly input: InputSize };
}

/** Of several processes one: it sees the images `rank`, `rank` + `size`, … of each batch. */
export interface Share {
  readonly rank: number;
  readonly size: number;
}

const ALONE: Share = { rank: 0, size: 1 };

export class Batches {
  readonly #dataset: Dataset;
  /** An image of several windows is in it as often. */
  readonly #epoch: readonly DatasetImage[];
  readonly #known: ReadonlyMap<number, KnownCells>;
  readonly #settings: BatchSettings;
  readonly #secondView: boolean;
  readonly #share: Share;
  readonly #loader: Loader;
  #ahead: { step: number; batch: Promise<TrainingBatch> } | null = null;

  /** Training images of `dataset`, and of their annotations those that are not hidden. */
  constructor(dataset: Dataset, settings: BatchSettings, { secondView = false, share = ALONE } = {}) {
    const { input } = settings.detector;
    this.#dataset = dataset;
    this.#epoch = imagesOf(dataset, "train").flatMap((image) =>
      input.kind === "resolution" ? Array.from({ length: windowsIn(image, input) }, () => image) : [image],
    );
    this.#known = knownCells(dataset);
    this.#settings = settings;
    this.#secondView = secondView;
    this.#share = share;
    this.#loader = new Loader();
  }

  /** Of an epoch. */
  get windows(): number {
    return this.#epoch.length;
  }

  /** File names of the whole batch of a step. */
  names(step: number): string[] {
    return this.#images(step).map(({ fileName }) => fileName);
  }

  /** The whole batch of a step, whatever this process's share is. */
  whole(step: number): Promise<TrainingBatch> {
    return this.#load(step, ALONE);
  }

  /** This process's share of the batch of a step, counted from 1. Throws a UserError for an image that cannot be read. */
  async at(step: number): Promise<TrainingBatch> {
    const batch = await (this.#ahead?.step === step ? this.#ahead.batch : this.#load(step));
    const next = this.#load(step + 1);
    next.catch(() => {}); // reported when that step asks for it
    this.#ahead = { step: step + 1, batch: next };
    return batch;
  }

  /** Ends the thread that makes pixels. */
  close(): void {
    this.#loader.close();
  }

  async #load(step: number, { rank, size } = this.#share): Promise<TrainingBatch> {
    const images = this.#images(step);
    const random = stepRandom(this.#settings.seed, step);
    const places = images.map((image, i) => this.#place(image, random(i, "window")));
    const mine = <T>(all: readonly T[]): T[] => all.filter((_, i) => i % size === rank);
    const view = async (use: RandomUse): Promise<View> => {
      const all = images.map((image, i) => this.#augmented(image, places[i], random(i, use)));
      const seen = mine(all);
      const pixels = await this.#loader.load(seen);
      const beside = all.filter((window) => !seen.includes(window)).map(turnedSize);
      return {
        images: beside.length === 0 ? pixels : pixels.map((image) => ({ ...image, beside })),
        known: mine(images).map((image, i) => knownInWindow(this.#knownOf(image), image, seen[i])),
        symmetries: seen.map(({ symmetry }) => symmetry),
      };
    };
    const first = await view("augmentation");
    const second = this.#secondView ? await view("second view") : undefined;
    return { names: mine(images).map(({ fileName }) => fileName), ...first, ...(second ? { second } : {}) };
  }

  #images(step: number): DatasetImage[] {
    const { batch } = this.#settings;
    return Array.from({ length: batch }, (_, i) => this.#image((step - 1) * batch + i));
  }

  #place(image: DatasetImage, random: Random): Place {
    const { detector, zoom } = this.#settings;
    const { input } = detector;
    if (input.kind !== "resolution") return wholeImage(image);
    const factor = zoom === 0 ? 1 : Math.exp(random.uniform(-1, 1) * Math.log(1 + zoom));
    return windowOf(image, this.#knownOf(image), { input, zoom: factor, random });
  }

  #augmented(image: DatasetImage, place: Place, random: Random): WindowRequest {
    const { augment, turns, brightness, contrast, gamma, stain, blur, jpeg } = this.#settings;
    const symmetry = augment ? randomSymmetry(random, turns) : upright;
    const changes = drawChanges({ brightness, contrast, gamma, stain, blur, jpeg }, random);
    return { dir: this.#dataset.dir, image, ...place, symmetry, changes };
  }

  #knownOf({ id }: DatasetImage): KnownCells {
    return this.#known.get(id) as KnownCells;
  }

  /** The image at a place of the endless sequence of shuffled epochs. */
  #image(position: number): DatasetImage {
    const epoch = Math.floor(position / this.#epoch.length);
    if (this.#order.epoch !== epoch)
      this.#order = { epoch, images: epochRandom(this.#settings.seed, epoch).shuffled(this.#epoch) };
    return this.#order.images[position % this.#epoch.length];
  }
  #order: { epoch: number; images: readonly DatasetImage[] } = { epoch: -1, images: [] };
}

const turnedSize = ({ size: { width, height }, symmetry }: WindowRequest): ImageSize =>
  symmetry.transpose ? { width: height, height: width } : { width, height };
