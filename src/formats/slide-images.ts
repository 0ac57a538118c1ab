// Slides among the images of an import. Their marks are placed in pixels of level 0, like those of any image; then a slide becomes several
// images, its windows (slide-windows.ts), which are read and written one after another once all marks are known to be right.

import { join } from "node:path";
import { imagePath, writeImage } from "../data/dataset-folder.ts";
import type { PixelChoice } from "../data/pixel-choice.ts";
import { raw } from "../data/raw-image.ts";
import type { Sides } from "../data/working-resolution.ts";
import { UserError } from "../errors.ts";
import { fileStems } from "../files/file-stem.ts";
import { type Box, clip } from "../geometry/box.ts";
import { moveRegion } from "../geometry/region.ts";
import type { Window } from "../geometry/windows.ts";
import { believed, givenMicrons, requireMicrons } from "../slides/microns.ts";
import { openSlide } from "../slides/open-slide.ts";
import { MOST_PIXELS } from "../slides/read-window.ts";
import type { Microns, SlideFacts } from "../slides/slide.ts";
import type { DraftImage } from "./dataset-draft.ts";
import { type PlacedBox, refusal } from "./marks.ts";
import { slideWindows } from "./slide-windows.ts";

export interface SlideCut extends Pick<PixelChoice, "page" | "channels"> {
  /** Microns per pixel of level 0, in place of what sources and slides say. */
  readonly mpp?: number;
  /** Microns per pixel of the windows; default: the slide's, at least FINEST. */
  readonly resolution?: number;
  /** Leave out windows that cannot be decoded instead of throwing. */
  readonly dropInvalid?: boolean;
}

/** Microns per pixel: a nucleus has 30 pixels or more across. */
const FINEST = 0.25;

interface Cut {
  readonly fileName: string;
  readonly part: Window;
  readonly size: Sides;
}

export class SlideImages {
  readonly #folder: string;
  readonly #options: SlideCut;
  readonly #stems: ReadonlyMap<string, string>;
  readonly #cuts = new Map<string, readonly Cut[]>();
  readonly #windows = new Set<string>();
  readonly #images: ReadonlySet<string>;
  readonly #bare: string[] = [];
  readonly #damaged = new Map<string, string>();

  /** `fileNames`: images and slides. Throws a UserError on options that only slides have, or only images. */
  constructor(folder: string, fileNames: readonly string[], slides: readonly string[], options: SlideCut) {
    [this.#folder, this.#options, this.#images] = [folder, options, new Set(fileNames)];
    const stems = fileStems(slides);
    this.#stems = new Map(slides.map((fileName, i) => [fileName, stems[i]]));
    if (options.resolution !== undefined && slides.length === 0)
      throw new UserError(`--resolution is for slides, and the annotations mention none in ${folder}; leave it out`);
    const wrong = (["page", "channels"] as const).find((key) => options[key] !== undefined);
    if (wrong !== undefined && slides.length > 0)
      throw new UserError(
        `--${wrong} is not for slides, such as ${join(folder, slides[0])}; leave it out, or import the images alone`,
      );
  }

  /** How many slides have windows, and how many windows can be read. */
  get counts(): { readonly slides: number; readonly windows: number } {
    return { slides: this.#cuts.size, windows: this.#windows.size - this.#damaged.size };
  }

  /** Slides on which neither a cell nor a complete region is marked. */
  get bare(): readonly string[] {
    return this.#bare;
  }

  has(fileName: string): boolean {
    return this.#windows.has(fileName);
  }

  /**
   * The windows of a slide with its marks, which are in pixels of level 0; `mpp`: the source's. Throws a UserError when the microns
   * per pixel are unknown, when the windows would be finer than the slide, and when a cell is too large for a window.
   */
  windowsOf(slide: SlideFacts, fileName: string, { mpp, ...marks }: Pick<DraftImage, "mpp" | "boxes" | "regions">): DraftImage[] {
    const microns = this.#microns(slide, mpp);
    const resolution = this.#resolution(slide.path, microns);
    const scale = { x: resolution / microns.x, y: resolution / microns.y }; // pixels of the slide per pixel of a window
    const sides = { width: enough(slide.width / scale.x), height: enough(slide.height / scale.y) };
    const boxes = marks.boxes.map((cell) => ({ ...cell, box: scaledBox(cell.box, scale, sides) }));
    const regions = marks.regions.map((region) => moveRegion(region, (x, y) => [x / scale.x, y / scale.y]));
    const cuts: Cut[] = [];
    const images = slideWindows(sides, { boxes, regions }, resolution).map(({ window, boxes, regions }): DraftImage => {
      const { width, height } = window;
      if (width * height > MOST_PIXELS) throw tooLarge(slide.path, boxes, resolution);
      const [x, y] = [window.x * scale.x, window.y * scale.y];
      const name = this.#nameOf(fileName, x, y);
      cuts.push({ fileName: name, part: { x, y, width: width * scale.x, height: height * scale.y }, size: { width, height } });
      return { fileName: name, width, height, mpp: resolution, boxes, regions };
    });
    if (cuts.length === 0) this.#bare.push(fileName);
    else this.#cuts.set(fileName, cuts);
    return images;
  }

  /**
   * Writes the windows to the dataset in `dir`. Returns the names of those that have tiles that cannot be decoded, which are not
   * written; throws a UserError at the first of them unless `dropInvalid`.
   */
  async write(dir: string, onWindow?: (done: number, total: number) => void): Promise<ReadonlySet<string>> {
    let done = 0;
    for (const [name, cuts] of this.#cuts) {
      const slide = await openSlide(join(this.#folder, name));
      try {
        for (const { fileName, part, size } of cuts) {
          const { image, badTiles } = await slide.read(part, size);
          if (badTiles.length === 0) writeImage(imagePath(dir, { fileName }), await raw(image).png().toBuffer());
          else if (this.#options.dropInvalid) this.#damaged.set(fileName, `"${name}", ${badTiles[0]}`);
          else throw refusal(`${slide.path}: cannot be decoded near marks: ${badTiles[0]}; copy the slide again`);
          onWindow?.(++done, this.#windows.size);
        }
      } finally {
        slide.close();
      }
    }
    return new Set(this.#damaged.keys());
  }

  notes(): string[] {
    const [damaged, bare] = [[...this.#damaged.values()], this.#bare];
    const are = (count: number, noun: string): string => (count === 1 ? `1 ${noun} is` : `${count} ${noun}s are`);
    return [
      ...(damaged.length === 0
        ? []
        : [`${are(damaged.length, "window")} left out with all marks because tiles cannot be decoded; the first: ${damaged[0]}`]),
      ...(bare.length === 0
        ? []
        : [`${are(bare.length, "slide")} left out, without any cell or complete region to cut windows around: "${bare[0]}"`]),
    ];
  }

  #microns(slide: SlideFacts, mpp: number | undefined): Microns {
    if (this.#options.mpp !== undefined) return givenMicrons(this.#options.mpp);
    const annotated = mpp === undefined ? null : believed(mpp, mpp, "annotations");
    return requireMicrons(annotated ? { ...slide, mpp: annotated } : slide);
  }

  #resolution(file: string, { x, y }: Microns): number {
    const finest = Math.max(x, y); // where they differ, pixels become square
    const { resolution } = this.#options;
    if (resolution === undefined) return Math.max(finest, FINEST);
    if (resolution < finest * 0.999)
      throw new UserError(
        `${file}: its pixels are ${shown(finest)} µm, so its windows cannot have ${resolution}; pass --resolution ${shown(finest)} or more`,
      );
    return Math.max(resolution, finest);
  }

  /** After the place in pixels of the slide; windows that grew around large cells can share a corner. */
  #nameOf(fileName: string, x: number, y: number): string {
    const name = `${this.#stems.get(fileName)}-x${Math.round(x)}-y${Math.round(y)}`;
    let unique = `${name}.png`;
    for (let i = 2; this.#windows.has(unique) || this.#images.has(unique); i++) unique = `${name}-${i}.png`;
    this.#windows.add(unique);
    return unique;
  }
}

/** Enough pixels to hold all of the slide. */
const enough = (pixels: number): number => Math.max(1, Math.ceil(pixels - 1e-6));

const scaledBox = ([x1, y1, x2, y2]: Box, { x, y }: { x: number; y: number }, { width, height }: Sides): Box => {
  const box: Box = [x1 / x, y1 / y, x2 / x, y2 / y];
  return clip(box, width, height) ?? box;
};

function tooLarge(file: string, cells: readonly PlacedBox[], resolution: number): UserError {
  const largest = Math.max(...cells.map(({ box }) => Math.max(box[2] - box[0], box[3] - box[1])));
  return new UserError(
    `${file}: a cell of ${Math.round(largest * resolution)} µm is too large for a window at ${resolution} µm per pixel; correct it, or pass a larger --resolution`,
  );
}

/** Rounded up, so that it can be given back. */
const shown = (microns: number): string => String(Math.ceil(microns * 1e4) / 1e4);
