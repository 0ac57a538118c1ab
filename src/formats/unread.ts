// What becomes of marks that stand in a file and could not be read. Their image is never a training image without cells: a
// region to ignore covers each of them, or, where the place of one is unknown, the image is left out.

import type { ImageSize } from "../data/image-file.ts";
import { clip } from "../geometry/box.ts";
import { type Region, rectangleRing } from "../geometry/region.ts";
import { boundsOf } from "./marks.ts";
import { countedKinds } from "./skipped-kinds.ts";
import { type UnreadMark, where } from "./source.ts";

/**
 * Regions to ignore that cover all marks; null when the place of one is unknown. Regions are judged by the centre of a box
 * (region.ts), so a mark is covered by its bounding box, which always contains its own centre, as an outline need not. A point or a
 * line is widened: to a square of its longer side, or of `side` pixels.
 */
export function regionsOverUnread(unread: readonly UnreadMark[], image: ImageSize, side: number): Region[] | null {
  const regions: Region[] = [];
  for (const { place } of unread) {
    if (place === undefined) return null;
    const [x1, y1, x2, y2] = boundsOf(place, side);
    if (![x1, y1, x2, y2].every(Number.isFinite)) return null;
    const [width, height] = [x2 - x1, y2 - y1];
    const least = Math.min(width, height) >= 1 ? 0 : Math.max(width, height) >= 1 ? Math.max(width, height) : side;
    const [dx, dy] = [Math.max(0, least - width) / 2, Math.max(0, least - height) / 2];
    const box = clip([x1 - dx, y1 - dy, x2 + dx, y2 + dy], image.width, image.height);
    if (box !== null) regions.push({ kind: "ignore", rings: [rectangleRing(...box)] });
  }
  return regions;
}

/** Marks that stand in the files and could not be read. */
export interface UnreadReport {
  /** Marks covered by regions to ignore, and the number of their images. */
  readonly covered: number;
  readonly imagesCovered: number;
  /** Unread marks on images that were left out because the place of one is unknown, and these images' names. */
  readonly leftOut: number;
  readonly imagesLeftOut: readonly string[];
  /** "2 mask, 1 polyline"; empty when all marks were read. */
  readonly kinds: string;
  /** The first, as "file:line: kind"; null when all marks were read. */
  readonly first: string | null;
}

/** Counts what could not be read and what became of it, image by image. */
export class UnreadTally {
  #covered = 0;
  #imagesCovered = 0;
  #leftOut = 0;
  readonly #imagesLeftOut: string[] = [];
  readonly #kinds = new Map<string, number>();
  #first: UnreadMark | null = null;

  /** The regions of `regionsOverUnread`; null, and the image is to be left out, when it has none. */
  cover(unread: readonly UnreadMark[], image: ImageSize & { readonly fileName: string }, side: number): Region[] | null {
    const regions = regionsOverUnread(unread, image, side);
    if (regions === null) {
      this.#leftOut += unread.length;
      this.#imagesLeftOut.push(image.fileName);
    } else if (unread.length > 0) {
      this.#covered += unread.length;
      this.#imagesCovered++;
    }
    for (const { kind } of unread) this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    this.#first ??= unread[0] ?? null;
    return regions;
  }

  report(): UnreadReport {
    return {
      covered: this.#covered,
      imagesCovered: this.#imagesCovered,
      leftOut: this.#leftOut,
      imagesLeftOut: this.#imagesLeftOut,
      kinds: countedKinds(this.#kinds),
      first: this.#first === null ? null : `${where(this.#first)}: ${this.#first.kind}`,
    };
  }
}
