// The area that a user outlined in QuPath, from its exported objects.

import { UserError } from "../../errors.ts";
import { both, except, polygonArea, type SearchArea } from "../../geometry/search-area.ts";
import { JsonCursor } from "../json-cursor.ts";
import { featuresOf, labelOf, regionOf, typeOf } from "./geojson.ts";
import { geometryParts } from "./geometry.ts";

/**
 * What the annotations of a GeoJSON file enclose, without those of the class "Ignore*" or "ignore". Detections, cells, tiles, lines
 * and points enclose nothing. Throws a UserError with file and line where the file is malformed, and when it outlines nothing.
 */
export function readAnnotatedArea(file: string): SearchArea {
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
  const area = polygonArea(wanted);
  return ignored.length === 0 ? area : both(area, except(polygonArea(ignored)));
}
