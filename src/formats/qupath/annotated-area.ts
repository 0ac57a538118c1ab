// The area that a user outlined in QuPath, from its exported objects.

import { UserError } from "../../errors.ts";
import { both, except, polygonArea, type SearchArea } from "../../geometry/search-area.ts";
import type { SlideFacts } from "../../slides/slide.ts";
import { JsonCursor } from "../json-cursor.ts";
import { featuresOf, labelOf, regionOf, typeOf } from "./geojson.ts";
import { geometryParts } from "./geometry.ts";

type Extent = Pick<SlideFacts, "path" | "width" | "height">;

/** How far an outline may be drawn beyond the slide, as a part of its side. */
const BEYOND = 0.1;

/**
 * What the annotations of a GeoJSON file enclose, without those of the class "Ignore*" or "ignore". Detections, cells, tiles, lines
 * and points enclose nothing. Throws a UserError with file and line where the file is malformed, when it outlines nothing, and when
 * its outlines do not fit the slide.
 */
export function readAnnotatedArea(file: string, slide: Extent): SearchArea {
  const [wanted, ignored]: (readonly number[][])[][] = [[], []];
  for (const feature of featuresOf(JsonCursor.ofFile(file))) {
    if (typeOf(feature) !== "annotation" || !feature.at("geometry").exists) continue;
    const isIgnored =
      regionOf(feature) === "ignore" || /^ignore\*?$/i.test(labelOf(feature.at("properties").at("classification")) ?? "");
    const { polygons } = geometryParts(feature.at("geometry"));
    (isIgnored ? ignored : wanted).push(...polygons.filter((rings) => rings[0].length >= 6));
  }
  if (wanted.length === 0)
    throw new UserError(`${file}: has no annotation that encloses an area; draw one in QuPath and export it as GeoJSON`);
  requireFits(file, wanted, slide);
  const area = polygonArea(wanted);
  return ignored.length === 0 ? area : both(area, except(polygonArea(ignored)));
}

/** Outlines that reach far beyond a slide were drawn on another one. */
function requireFits(file: string, polygons: readonly (readonly (readonly number[])[])[], { path, width, height }: Extent): void {
  for (const [outline] of polygons)
    for (let i = 0; i < outline.length; i += 2) {
      const [x, y] = [outline[i], outline[i + 1]];
      if (Math.max(-x, x - width) <= BEYOND * width && Math.max(-y, y - height) <= BEYOND * height) continue;
      throw new UserError(
        `${file}: has an annotation at x ${Math.round(x)}, y ${Math.round(y)}, but ${path} has ${width}×${height} pixels; pass the --regions of this slide`,
      );
    }
}
