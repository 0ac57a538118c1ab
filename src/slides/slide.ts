// What a whole slide is to the rest of the project: one picture in several sizes, of which windows are read. Its pixels come
// from one of three readers (open-slide.ts), which share the way from stored pixels to a window (read-window.ts).

import type { RgbImage } from "../data/image-file.ts";
import type { Sides } from "../data/working-resolution.ts";
import type { Window } from "../geometry/windows.ts";

/** The slide in one of the sizes in which its file has it. */
export interface SlideLevel {
  readonly width: number;
  readonly height: number;
  /** How many pixels of level 0 a pixel of it spans along each side. */
  readonly downsample: number;
}

/** Microns per pixel of level 0. */
export interface Microns {
  readonly x: number;
  readonly y: number;
  /** Where they were found, such as "Aperio MPP"; "given" if the caller gave them. */
  readonly from: string;
}

/** What a slide is, besides its pixels. */
export interface SlideFacts {
  readonly path: string;
  /** tiff: by libvips, tile by tile; openslide: by the OpenSlide library; flat: a whole image, decoded at the first read. */
  readonly reader: "tiff" | "openslide" | "flat";
  /** In words, such as "Aperio SVS". */
  readonly format: string;
  /** Who made the scanner, as OpenSlide names it; null if unknown. */
  readonly vendor: string | null;
  /** Of level 0. */
  readonly width: number;
  readonly height: number;
  /** The largest first. */
  readonly levels: readonly SlideLevel[];
  /** null if the file does not say, or says what cannot be (see `requireMicrons`). */
  readonly mpp: Microns | null;
}

/** A window of a slide as it was read. */
export interface WindowPixels {
  readonly image: RgbImage;
  /** Parts of the file that cannot be decoded, by level and place; their pixels are white. */
  readonly badTiles: readonly string[];
}

/** A slide that is open. */
export interface Slide extends SlideFacts {
  /**
   * The pixels of a window in pixels of level 0 (fractions are allowed), resampled to `size`, at most 4096×4096. White outside
   * of the slide. A pixel depends on its place and the scale, not on the window: windows that overlap on one lattice of pixels
   * agree where they overlap. Reads may run at the same time.
   */
  read(window: Window, size: Sides): Promise<WindowPixels>;
  /** Frees what the slide holds: a process of OpenSlide, the pixels of a flat image. */
  close(): void;
}

/** A slide as its file has it: what a reader gives. */
export interface StoredSlide extends SlideFacts {
  /** The pixels of a part of a level, which lies inside it. Throws when any of them cannot be decoded. */
  pixels(level: number, part: Window): Promise<RgbImage>;
  /** The pieces in which a level is stored: if one is bad, the others can still be read. */
  tileOf(level: number): Sides;
  close(): void;
}
