// What `data check` examines, wherever it comes from: a dataset, or another tool's file (formats/check-source.ts).

import type { Box } from "../../geometry/box.ts";
import type { Region } from "../../geometry/region.ts";
import type { Split } from "../dataset.ts";
import type { PixelChoice } from "../pixel-choice.ts";

/** A place in a file; the line (0: the whole file) is searched for only when it is shown. */
export interface Where {
  readonly file: string;
  readonly line: number;
}

export interface SubjectMark extends Where {
  /** Pixels; as it stands in the file, so it may be empty or outside the image. */
  readonly box: Box;
  readonly label: string;
  readonly hidden: boolean;
}

export interface SubjectImage extends Where {
  readonly name: string;
  /** Pixels as recorded; null when the file does not say. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly group: string;
  /** Null when the format has no splits. */
  readonly split: Split | null;
  readonly regions: readonly Region[];
  readonly marks: readonly SubjectMark[];
  /** How its picture is read, where the dataset records it. */
  readonly pixels?: PixelChoice | undefined;
  /** Of the image's file; null where no folder of images is given. */
  readonly picture: Picture | null;
}

/** What the image's file is. */
export interface Picture {
  /** Why it cannot be used; null when it can. */
  readonly fault: string | null;
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Equal for equal files; null unless another file has the same length. */
  readonly digest: string | null;
  /** Mean of red, green and blue, 0 to 255, where pixels were asked for. */
  readonly colour: readonly [number, number, number] | null;
  /** The most by which the values of red, of green or of blue differ, where pixels were asked for. */
  readonly contrast: number | null;
}

export interface Subject {
  readonly images: readonly SubjectImage[];
  /** What cannot be read, as errors say it: file, line, what is wrong. */
  readonly faults: readonly Oddity[];
}

/** One odd thing. */
export interface Oddity extends Where {
  readonly text: string;
}

/** A kind of oddity. */
export interface Check {
  /** A heading: "near-duplicates: boxes that overlap by more than 0.9". */
  readonly title: string;
  readonly find: (subject: Subject) => readonly Oddity[];
}

/** An oddity at the place of a mark or an image; its line is searched for only when it is shown. */
export function at(where: Where, text: string): Oddity {
  return {
    text,
    file: where.file,
    get line() {
      return where.line;
    },
  };
}
