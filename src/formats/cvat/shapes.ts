// CVAT's shapes as places, in pixels. Shapes are rotated clockwise about their centre. A mask is a rectangle (left, top, width,
// height) and the run lengths of its rows, alternately off and on.

import { rectangleRing } from "../../geometry/region.ts";
import { ellipseRing, rotateRing } from "../../geometry/rotated-ring.ts";
import { decimal } from "../decimal.ts";
import { maskBounds, maskRings, runMask } from "../masks/runs.ts";
import type { Place } from "../source.ts";
import type { XmlElement } from "../xml-file.ts";

/** The places of a shape; null for one that cannot be read. `whole`: a mask keeps its outline instead of the box around it. */
export function placesOf(shape: XmlElement, whole: boolean): Place[] | null {
  switch (shape.name) {
    case "points": {
      return pointsOf(shape).map(([x, y]) => ({ kind: "point", x, y }));
    }
    case "polygon": {
      return [{ kind: "outline", rings: [pointsOf(shape).flat()] }];
    }
    case "box": {
      const [x1, y1, x2, y2] = ["xtl", "ytl", "xbr", "ybr"].map((side) => shape.number(side));
      const degrees = shape.number("rotation", 0);
      if (degrees === 0) return [{ kind: "box", box: [x1, y1, x2, y2] }];
      const ring = rotateRing(rectangleRing(x1, y1, x2, y2), { x: (x1 + x2) / 2, y: (y1 + y2) / 2, degrees });
      return [{ kind: "outline", rings: [ring] }];
    }
    case "ellipse": {
      const [x, y, rx, ry] = ["cx", "cy", "rx", "ry"].map((name) => shape.number(name));
      return [{ kind: "outline", rings: [ellipseRing({ x, y, rx, ry, degrees: shape.number("rotation", 0) })] }];
    }
    case "mask": {
      const place = maskPlace(shape, whole);
      return place && [place];
    }
    default: {
      return null;
    }
  }
}

/** Where a shape lies that `placesOf` cannot read; null when that is unknown. */
export function unreadPlace(shape: XmlElement): Place | null {
  if (shape.name === "mask") {
    const { left, top, width, height } = maskFrame(shape);
    return { kind: "box", box: [left, top, left + width, top + height] };
  }
  const parts = [shape, ...shape.children]; // a skeleton's points are its children
  const ring = parts.flatMap((part) => (part.find("points") === undefined ? corners(part) : pointsOf(part).flat()));
  return ring.length === 0 ? null : { kind: "outline", rings: [ring] };
}

/** The corners of a cuboid's two faces: xtl1, ytl1, xbl1, … ybr2. */
function corners(shape: XmlElement): number[] {
  const names = ["tl", "bl", "tr", "br"].flatMap((corner) => [`${corner}1`, `${corner}2`]);
  return names.flatMap((name) =>
    shape.find(`x${name}`) === undefined ? [] : [shape.number(`x${name}`), shape.number(`y${name}`)],
  );
}

function maskPlace(shape: XmlElement, whole: boolean): Place | null {
  const { left, top, width, height } = maskFrame(shape);
  const counts = shape.attribute("rle").split(",").map(decimal);
  const mask = runMask(counts, { width, height, lines: "rows" });
  const bounds = mask && maskBounds(mask);
  if (mask === null || bounds === null) return null;
  const [x1, y1, x2, y2] = bounds;
  if (!whole) return { kind: "box", box: [left + x1, top + y1, left + x2, top + y2] };
  return { kind: "outline", rings: maskRings(mask).map((ring) => ring.map((part, i) => part + (i % 2 === 0 ? left : top))) };
}

function maskFrame(shape: XmlElement) {
  const [left, top, width, height] = ["left", "top", "width", "height"].map((name) => shape.number(name));
  return { left, top, width, height };
}

/** "x,y;x,y" */
function pointsOf(shape: XmlElement): [number, number][] {
  return shape
    .attribute("points")
    .split(";")
    .map((pair) => {
      const [x, y, ...more] = pair.split(",").map(decimal);
      if (more.length > 0 || !Number.isFinite(x) || !Number.isFinite(y))
        throw shape.fault(`points: expected "x,y", got "${pair}"; correct it`);
      return [x, y];
    });
}
