// What a format's reader finds in its files, before any image is opened: names of images and the marks on them. `importDataset`
// finds the image files, checks the marks, and makes boxes and regions of them.

import type { Box } from "../geometry/box.ts";
import type { RegionKind } from "../geometry/region.ts";

/** An id as a file has it. A dataset keeps it where it can, so that results with the file's ids fit the dataset. */
export type SourceId = number | string;

/** One id, or the ids of several entries that describe the same thing. */
export type SourceIds = SourceId | readonly SourceId[];

/** The place of a mark, in pixels from the image's top left corner. */
export type Place =
  | { readonly kind: "point"; readonly x: number; readonly y: number }
  | { readonly kind: "box"; readonly box: Box }
  /** Closed rings [x0, y0, x1, y1, …], as in region.ts: a region, or a cell's outline that becomes its bounding box. */
  | { readonly kind: "outline"; readonly rings: readonly (readonly number[])[] };

/** A cell or a region as a file describes it. */
export interface Mark {
  readonly place: Place;
  /** The name of the class; null when the file names none. */
  readonly label: string | null;
  /** The mark's id in the file, if it has one. */
  readonly id?: SourceId;
  /** Set when the file itself marks a region; otherwise the label decides. */
  readonly region?: RegionKind;
  /** Its place in the files, for errors: a file and a line, counted from 1 (0: the whole file). */
  readonly file: string;
  readonly line: number;
}

/** A mark that stands in the file and that the reader cannot read: never the same as no mark. */
export interface UnreadMark {
  /** What it is, for people: "mask", "polyline". */
  readonly kind: string;
  /** Where it lies, if that at least is known. */
  readonly place?: Place;
  readonly file: string;
  readonly line: number;
}

/** An image and its marks as a file describes them. */
export interface SourceImage {
  /** The image's file as the annotations name it: a path, a name, or a name without its extension. */
  readonly name: string;
  /** What the annotations call it in full, where `name` is a part of that: entries of other full names are other images. */
  readonly fullName?: string;
  /** The image's id in the file, if it has one; the ids of all its entries, once these are merged. */
  readonly id?: SourceIds;
  readonly marks: readonly Mark[];
  /** What of the image's marks could not be read. */
  readonly unread?: readonly UnreadMark[];
  /** How many of its marks were left out as faulty (`dropInvalid`): without any other it is no image without cells. */
  readonly faulty?: number;
  /** No one has marked its cells, or has finished: it is left out, never imported as an image without cells. */
  readonly unlabelled?: true;
  readonly file: string;
  readonly line: number;
  /** Pixels, if the file says; an image of another size is then an error. */
  readonly size?: { readonly width: number; readonly height: number };
  /** The slide or patient, if the format knows it; `--group-pattern` overrides it. */
  readonly group?: string;
  /** Microns per pixel, if the format knows it; `--mpp` overrides it. */
  readonly mpp?: number;
  /** The split, if the format has one. */
  readonly split?: "train" | "test";
}

/** Marks that were left out because the file is wrong there. */
export interface FaultyReport {
  readonly count: number;
  /** The errors of the first of them, which begin with file and line. */
  readonly first: readonly string[];
}

/** What a reader returns and `importDataset` takes. */
export interface Source {
  /** Every image in the annotations, including those known to have no cells. */
  readonly images: readonly SourceImage[];
  /** Labels whose boxes are hard negatives (`Category.negative`), in addition to those of `--negative`. */
  readonly negativeLabels?: readonly string[];
  /** The ids of the classes in the file, by label without spaces around it (labels.ts). */
  readonly categoryIds?: ReadonlyMap<string, SourceIds>;
  /** One line each: what was skipped and why, with counts. */
  readonly notes?: readonly string[];
  readonly faulty?: FaultyReport;
}

/** What every reader is given: paths as the user typed them. */
export interface SourceOptions {
  /** The folder of the images. */
  readonly images: string;
  /** The file or folder of the annotations. */
  readonly annotations: string;
  /** Leave out faulty marks, which `Source.faulty` reports, instead of throwing at the first. */
  readonly dropInvalid?: boolean;
}

/** The place of a mark or an image as errors begin: "file:line". */
export const where = ({ file, line }: Pick<Mark, "file" | "line">): string => (line === 0 ? file : `${file}:${line}`);
