// What a format's reader finds in its files, before any image is looked at: names of images and marks on them, as they
// stand there. `importDataset` finds the image files, makes boxes and regions of the marks, and judges them.

import type { Box } from "../geometry/box.ts";
import type { RegionKind } from "../geometry/region.ts";

/** Where a mark lies, in pixels of its image, (0, 0) being the top left corner of the image. */
export type Place =
  | { readonly kind: "point"; readonly x: number; readonly y: number }
  | { readonly kind: "box"; readonly box: Box }
  /** Closed rings [x0, y0, x1, y1, …], as in region.ts: a region, or a cell's outline that becomes its bounding box. */
  | { readonly kind: "outline"; readonly rings: readonly (readonly number[])[] };

export interface Mark {
  readonly place: Place;
  /** The class's name; null where the file names none. */
  readonly label: string | null;
  /** Said by the file itself; else the label decides. */
  readonly region?: RegionKind;
  /** Where it stands, for errors: a file and its line, counted from 1 (0: the whole file). */
  readonly file: string;
  readonly line: number;
}

export interface SourceImage {
  /** The image's file as the annotations name it: a path, a name, or a name without its extension. */
  readonly name: string;
  readonly marks: readonly Mark[];
  readonly file: string;
  readonly line: number;
  /** Pixels, where the file says so: an image of another size is an error. */
  readonly size?: { readonly width: number; readonly height: number };
  /** The slide or patient, where the format knows it; `--group-pattern` overrides. */
  readonly group?: string;
  /** Microns of a pixel, where the format knows it; `--mpp` overrides. */
  readonly mpp?: number;
  /** The split, where the format has one. */
  readonly split?: "train" | "test";
}

export interface Source {
  /** Every image that the annotations speak of, also those without a mark that are known to hold no cell. */
  readonly images: readonly SourceImage[];
  /** Labels whose boxes are hard negatives (`Category.negative`); `--negative` adds to them. */
  readonly negativeLabels?: readonly string[];
  /** One line each for people: what was skipped and why, with counts. */
  readonly notes?: readonly string[];
}

/** What a reader gets: paths as the user gave them, and the side of the box that a point becomes. */
export interface SourceOptions {
  /** The folder of the images. */
  readonly images: string;
  /** The file or folder of the annotations. */
  readonly annotations: string;
}

/** Where a mark or an image stands, as errors begin: "file:line". */
export const where = ({ file, line }: Pick<Mark, "file" | "line">): string => (line === 0 ? file : `${file}:${line}`);
