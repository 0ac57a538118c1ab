// What an import of COCO says besides its numbers.

import { UserError } from "../../errors.ts";
import { type Box, iou } from "../../geometry/box.ts";
import { type Mark, where } from "../source.ts";

/** Counts what is odd in a COCO file while it is read. */
export class CocoNotes {
  readonly #counts = new Map<string, number>();
  #compared = 0;
  #disagreeing = 0;
  #asCorners = 0;
  #first: Pick<Mark, "file" | "line"> | null = null;

  /** `text`: what follows the number. */
  count(text: string, by = 1): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + by);
  }

  /** A bbox, as read, beside the bounds of an outline that it does not fit; null when it fits. */
  compare(at: Pick<Mark, "file" | "line">, [x1, y1, x2, y2]: Box, outline: Box | null): void {
    this.#compared++;
    if (outline === null) return;
    this.#disagreeing++;
    if (iou([x1, y1, x2 - x1, y2 - y1], outline) >= 0.5) this.#asCorners++;
    this.#first ??= at;
  }

  /** Throws a UserError when most boxes fit their outlines only as [x1, y1, x2, y2]. */
  lines(): string[] {
    const place = this.#first === null ? "" : where(this.#first);
    if (this.#asCorners > this.#compared / 2)
      throw new UserError(
        `${place}: bbox fits segmentation only as [x1, y1, x2, y2], here and in ${this.#asCorners} of ${this.#compared} annotations; correct it to [x, y, width, height], or import with --format midog --corners corners`,
      );
    const disagreeing =
      this.#disagreeing === 0
        ? []
        : [
            `${this.#disagreeing} boxes do not fit their segmentation (less than half of both is common), the first at ${place}: the boxes count`,
          ];
    return [...[...this.#counts].map(([text, count]) => `${count} ${text}`), ...disagreeing];
  }
}
