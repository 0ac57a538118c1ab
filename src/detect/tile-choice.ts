// Whether an image is searched as a whole or in tiles, and what people should know about it.

import { UserError } from "../errors.ts";
import type { WindowSize } from "../geometry/windows.ts";
import type { InputSize } from "../settings/detector.ts";
import { MOST_DIFFERENCE, resizing, type Scaled, shrinkage, tileOf, trainingTile } from "./scale.ts";

/** auto: in tiles at the training's scale where cells would otherwise appear much smaller. */
export type TileChoice = "auto" | "off" | { readonly width: number; readonly height: number };

export interface TileOptions {
  readonly choice: TileChoice;
  /** Undefined: the model does not say how large its training images were. */
  readonly training: Scaled | undefined;
  readonly input: InputSize;
}

/** The first image of a kind, and how many there are. */
interface Noted {
  readonly text: string;
  count: number;
}

export class TileChooser {
  readonly #options: TileOptions;
  readonly #notes = new Map<"tiled" | "smaller" | "larger" | "unknown", Noted>();

  constructor(options: TileOptions) {
    this.#options = options;
  }

  /** Null: as a whole. */
  tileOf(name: string, image: Scaled): WindowSize | null {
    const { choice, training, input } = this.#options;
    const size = `${name}: has ${sides(image)} pixels`;
    if (typeof choice === "object") {
      if (Math.min(choice.width, choice.height) < 32) throw new UserError("--tile: expected 32 pixels or more");
      return tileOf(choice);
    }
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
    if (choice === "off")
      this.#note("smaller", `${size}; ${beside} ${times(factor)} smaller and are missed; leave out --tile off`);
    else
      this.#note(
        "tiled",
        `${size}; ${beside} ${times(factor)} smaller: searched in tiles of ${sides(tile)} (--tile off: as a whole)`,
      );
    return choice === "off" ? null : tile;
  }

  /** A line for each kind of image that differs from the training images. */
  notes(): string[] {
    return [...this.#notes.values()].map(({ text, count }) =>
      count === 1 ? text : `${text}; the same holds for ${count - 1} more`,
    );
  }

  #note(kind: "tiled" | "smaller" | "larger" | "unknown", text: string): void {
    const noted = this.#notes.get(kind);
    if (noted === undefined) this.#notes.set(kind, { text, count: 1 });
    else noted.count++;
  }
}

const sides = ({ width, height }: { readonly width: number; readonly height: number }): string => `${width}×${height}`;
const times = (factor: number): string => `${Number(factor.toPrecision(2))} times`;
