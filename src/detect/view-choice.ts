// At which size and in which windows an image is searched, and what people should know about it. A model with a working resolution
// has every image at that; other models resize an image, or tiles of it, to their input.

import { UserError } from "../errors.ts";
import { slidingCores, type WindowSize } from "../geometry/windows.ts";
import { coarsestStride, type InputSize, type Resolution } from "../settings/detector.ts";
import { MOST_DIFFERENCE, resizing, type Scaled, shrinkage, tileOf, trainingTile } from "./scale.ts";
import { asWhole, type ImageView, viewAtResolution } from "./view.ts";

/**
 * auto: in tiles at the training's scale where cells would otherwise appear much smaller. whole: as `off`, where there is no option
 * to leave out.
 */
export type TileChoice = "auto" | "off" | "whole" | { readonly width: number; readonly height: number };

export interface ViewOptions {
  readonly choice: TileChoice;
  /** Of a model with a working resolution: network pixels per pixel of any image. */
  readonly scale?: number;
  /** Undefined: the model does not say how large its training images were. */
  readonly training: Scaled | undefined;
  readonly input: InputSize;
}

/** The first image of a kind, and how many there are. */
interface Noted {
  readonly text: string;
  count: number;
}

export class ViewChooser {
  readonly #options: ViewOptions;
  readonly #notes = new Map<"tiled" | "smaller" | "larger" | "unknown" | "unscaled", Noted>();

  /** Throws a UserError when the options do not go with the model. */
  constructor(options: ViewOptions) {
    this.#options = options;
    const { choice, input, scale } = options;
    if (input.kind !== "resolution" && scale !== undefined)
      throw new UserError("--scale: the model resizes every image to its input; it has no working resolution");
    if (typeof choice === "object" && Math.min(choice.width, choice.height) < 32)
      throw new UserError("--tile: expected 32 pixels or more");
    if (
      input.kind === "resolution" &&
      typeof choice === "object" &&
      (choice.width !== choice.height || choice.width < 3 * coarsestStride)
    )
      throw new UserError(
        `--tile: expected one number of at least ${3 * coarsestStride}: the model has windows at its working resolution`,
      );
  }

  viewOf(name: string, image: Scaled): ImageView {
    const { input } = this.#options;
    if (input.kind === "resolution") return this.#atResolution(input, name, image);
    const tile = this.#tileOf(name, image);
    return tile === null ? asWhole(image) : { size: image, windows: slidingCores(image, tile) };
  }

  #atResolution(input: Resolution, name: string, image: Scaled): ImageView {
    const { choice, scale: factor } = this.#options;
    if (input.mpp !== null && image.mpp === undefined && factor === undefined)
      this.#note(
        "unscaled",
        `${name}: its microns per pixel are unknown, so its cells are taken to be as large as on the training images; give them: --mpp N`,
      );
    const side = typeof choice === "object" ? Math.floor(choice.width / coarsestStride) * coarsestStride : undefined;
    return viewAtResolution(input, image, { factor, window: choice === "off" ? Infinity : side, name });
  }

  /** Null: as a whole. */
  #tileOf(name: string, image: Scaled): WindowSize | null {
    const { choice, training, input } = this.#options;
    const size = `${name}: has ${sides(image)} pixels`;
    if (typeof choice === "object") return tileOf(choice);
    if (training === undefined) {
      const factor = 1 / resizing(image, input);
      if (factor > MOST_DIFFERENCE)
        this.#note(
          "unknown",
          `${size} and is shrunk ${times(factor)} for the network; the model does not say how large its training images were; if they were smaller, give their size: --tile N`,
        );
      return null;
    }
    const factor = shrinkage(image, training, input);
    const beside = `the training images had ${sides(training)}, so its cells appear`;
    if (factor < 1 / MOST_DIFFERENCE)
      this.#note("larger", `${size}; ${beside} ${times(1 / factor)} larger and may be missed; predict on larger images`);
    if (factor <= MOST_DIFFERENCE) return null;
    const tile = trainingTile(image, training);
    if (choice !== "auto") {
      const remedy = choice === "off" ? "leave out --tile off" : '"npx sparsecell predict" searches such images in tiles';
      this.#note("smaller", `${size}; ${beside} ${times(factor)} smaller and are missed; ${remedy}`);
    } else
      this.#note(
        "tiled",
        `${size}; ${beside} ${times(factor)} smaller: searched in tiles of ${sides(tile)} (--tile off: as a whole)`,
      );
    return choice === "auto" ? tile : null;
  }

  /** A line for each kind of image that differs from the training images. */
  notes(): string[] {
    return [...this.#notes.values()].map(({ text, count }) =>
      count === 1 ? text : `${text}; the same holds for ${count - 1} more`,
    );
  }

  #note(kind: "tiled" | "smaller" | "larger" | "unknown" | "unscaled", text: string): void {
    const noted = this.#notes.get(kind);
    if (noted === undefined) this.#notes.set(kind, { text, count: 1 });
    else noted.count++;
  }
}

const sides = ({ width, height }: { readonly width: number; readonly height: number }): string => `${width}×${height}`;
const times = (factor: number): string => `${Number(factor.toPrecision(2))} times`;
