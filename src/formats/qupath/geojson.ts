// QuPath's objects in GeoJSON (RFC 7946; qupath-core, QuPathTypeAdapters.java and ROITypeAdapters.java): a FeatureCollection,
// a bare list or a single Feature. The type of an object is in `properties.objectType`; version 0.3 has it in `object_type`, 0.2 in
// `id` ("PathCellObject"). Objects may contain others in `childObjects`. Ellipses are written as polygons.

import type { RegionKind } from "../../geometry/region.ts";
import { JsonCursor } from "../json-cursor.ts";
import { JsonMark } from "../json-mark.ts";
import type { SkippedKinds } from "../skipped-kinds.ts";
import type { Mark, Place } from "../source.ts";

/**
 * Points are points, polygons are outlines; of a cell with a nucleus, the nucleus is read. The label is the full name of the class
 * ("Tumor: Positive"). An object is a region when the key "region" in its metadata is "complete" or "ignore". Skipped are tiles,
 * cores of a microarray, lines, and annotations without a class around detections, which only told QuPath where to search. Throws
 * a UserError with file and line on invalid JSON and malformed features.
 */
export function readGeoJsonMarks(file: string, skipped: SkippedKinds): Mark[] {
  const objects = featuresOf(JsonCursor.ofFile(file)).map((feature) => ({ feature, type: typeOf(feature) }));
  const detected = objects.some(({ type }) => type === "detection" || type === "cell");
  return objects.flatMap(({ feature, type }) => {
    const nucleus = feature.at("nucleusGeometry");
    const geometry = nucleus.exists ? nucleus : feature.at("geometry");
    const form = geometry.exists ? geometry.at("type").text() : "object without geometry";
    const label = labelOf(feature.at("properties").at("classification"));
    const region = regionOf(feature);
    const searched = detected && type === "annotation" && label === null && region === undefined && form.endsWith("Polygon");
    const places = NOT_MARKS.has(type) || searched ? null : placesOf(form, geometry);
    if (places === null) skipped.add(NOT_MARKS.has(type) ? type : searched ? "annotation around detections" : form);
    return (places ?? []).map((place) => new JsonMark(feature.place, { place, label, region }));
  });
}

/** All features, parents before children. Without recursion, so that deep nesting cannot overflow the stack. */
function featuresOf(root: JsonCursor): JsonCursor[] {
  const features: JsonCursor[] = [];
  const open = root.at("features").exists ? root.at("features") : root;
  const stack = Array.isArray(open.value) ? open.items().reverse() : [open];
  for (let feature = stack.pop(); feature !== undefined; feature = stack.pop()) {
    if (feature.at("type").value !== "Feature")
      throw feature.fault('expected a GeoJSON feature, {"type": "Feature", …}; export the objects from QuPath as GeoJSON');
    features.push(feature);
    const children = feature.at("properties").at("childObjects");
    if (children.exists) for (const child of children.items().reverse()) stack.push(child);
  }
  return features;
}

const TYPES = ["annotation", "detection", "cell", "tile", "tmacore", "root"];
const NOT_MARKS: ReadonlySet<string> = new Set(["tile", "tmacore", "root"]);

/** The type in one spelling for all versions; "annotation" by default, as in QuPath. */
function typeOf(feature: JsonCursor): string {
  const properties = feature.at("properties");
  const names = [properties.at("objectType"), properties.at("object_type"), feature.at("id")].map(({ value }) => value);
  const spelt = names.map((name) =>
    (typeof name === "string" ? name : "")
      .toLowerCase()
      .replaceAll("_", "")
      .replace(/^path|object$/g, ""),
  );
  return spelt.find((name) => TYPES.includes(name)) ?? "annotation";
}

/** A text, {name}, {names: [base, derived …]} or, before 0.4, {name, parentClass}. */
function labelOf(classification: JsonCursor): string | null {
  if (typeof classification.value === "string") return classification.value || null;
  const names = classification.at("names");
  if (names.exists)
    return (
      names
        .items()
        .map((name) => name.text())
        .join(": ") || null
    );
  const parts: string[] = [];
  for (let at = classification; at.at("name").exists; at = at.at("parentClass")) parts.unshift(at.at("name").text());
  return parts.join(": ") || null;
}

function regionOf(feature: JsonCursor): RegionKind | undefined {
  const { value } = feature.at("properties").at("metadata").at("region");
  return value === "complete" || value === "ignore" ? value : undefined;
}

/** Null for geometries that are not marks. */
function placesOf(form: string, geometry: JsonCursor): Place[] | null {
  const coordinates = geometry.at("coordinates");
  switch (form) {
    case "Point": {
      return [pointOf(coordinates)];
    }
    case "MultiPoint": {
      return coordinates.items().map(pointOf);
    }
    case "Polygon": {
      return [{ kind: "outline", rings: coordinates.items().map(ringOf) }];
    }
    case "MultiPolygon": {
      return [{ kind: "outline", rings: coordinates.items().flatMap((polygon) => polygon.items().map(ringOf)) }];
    }
    default: {
      return null;
    }
  }
}

const pointOf = (position: JsonCursor): Place => ({ kind: "point", x: position.at(0).number(), y: position.at(1).number() });

/** Without its last point, which repeats the first. */
function ringOf(positions: JsonCursor): number[] {
  if (!Array.isArray(positions.value)) throw positions.fault("expected a list of [x, y]");
  const ring = positions.value.flatMap((position: unknown, i) => {
    const [x, y] = Array.isArray(position) ? position : [];
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw positions.at(i).fault("expected [x, y], two finite numbers of pixels");
    return [x, y] as [number, number];
  });
  const closed = ring.length > 2 && ring[0] === ring.at(-2) && ring[1] === ring.at(-1);
  return closed ? ring.slice(0, -2) : ring;
}
