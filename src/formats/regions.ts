// Tells regions (region.ts) from cells among the marks of a source: the file marks them, or the user names their class.

import { UserError } from "../errors.ts";
import { type Region, type RegionKind, rectangleRing } from "../geometry/region.ts";
import { plainLabel } from "./labels.ts";
import { type Mark, where } from "./source.ts";

export interface RegionClasses {
  /** Marks with this label are regions in which every cell is annotated. */
  readonly completeClass?: string;
  /** Marks with this label are regions in which nothing counts. */
  readonly ignoreClass?: string;
}

/** The kind of region that a class stands for; undefined for a class of cells. */
export function regionOfClass(name: string | null, { completeClass, ignoreClass }: RegionClasses): RegionKind | undefined {
  const label = plainLabel(name);
  if (label === null) return undefined;
  const is = (other: string | undefined): boolean => other !== undefined && label === plainLabel(other);
  return is(completeClass) ? "complete" : is(ignoreClass) ? "ignore" : undefined;
}

/**
 * A mark as a region of the given kind. Throws a UserError with file and line on a point, which has no inside, and on a ring of
 * fewer than 3 points.
 */
export function regionOfMark(mark: Mark, kind: RegionKind): Region {
  const { place } = mark;
  if (place.kind === "box") return { kind, rings: [rectangleRing(...place.box)] };
  if (place.kind === "point")
    throw new UserError(
      `${where(mark)}: is a point, but its class is for regions; draw a box or an outline, or name another class`,
    );
  if (place.rings.length === 0 || place.rings.some((ring) => ring.length < 6 || !ring.every(Number.isFinite)))
    throw new UserError(`${where(mark)}: is a region with an outline of fewer than 3 points; redraw or remove it`);
  return { kind, rings: place.rings };
}
