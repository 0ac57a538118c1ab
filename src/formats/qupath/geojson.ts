// QuPath's objects in GeoJSON (RFC 7946; qupath-core, QuPathTypeAdapters.java and ROITypeAdapters.java): a FeatureCollection,
// a bare list or a single Feature. The type of an object is in `properties.objectType`; version 0.3 has it in `object_type`, 0.2 in
// `id` ("PathCellObject"). Objects may contain others in `childObjects`. Ellipses are written as polygons.

import type { Box } from "../../geometry/box.ts";
import { groupNearby } from "../../geometry/nearby.ts";
import type { RegionKind } from "../../geometry/region.ts";
import type { FaultyMarks } from "../faulty-marks.ts";
import { JsonCursor } from "../json-cursor.ts";
import { JsonMark, jsonUnread } from "../json-mark.ts";
import { boundsOf } from "../marks.ts";
import { type RegionClasses, regionOfClass } from "../regions.ts";
import type { SkippedKinds } from "../skipped-kinds.ts";
import type { Mark, Place, SourceImage, UnreadMark } from "../source.ts";
import { type GeometryParts, geometryParts } from "./geometry.ts";

/** Counts over all files, for notes. */
export interface QupathTally {
  readonly skipped: SkippedKinds;
  readonly faulty: FaultyMarks;
  /** Objects with several parts that became several cells, and these cells. */
  split: { objects: number; cells: number };
}

/**
 * Points are points, polygons are outlines; of a cell with a nucleus, the nucleus is read. An annotation with several polygons is
 * a cell for each; a cell or a detection is one object, so its pieces stay together unless they lie far apart (nearby.ts). The
 * label is the full name of the class ("Tumor: Positive"). An object is a region when the key "region" in its metadata is
 * "complete" or "ignore". Lines and objects without a geometry, or with an empty one, cannot be read; skipped are tiles, cores of a microarray, and annotations without a class around
 * detections, which only told QuPath where to search. An image with nothing but tiles or cores is unlabelled. Throws a UserError with file and line on invalid JSON and malformed features.
 */
export function readGeoJsonMarks(
  file: string,
  tally: QupathTally,
  classes: RegionClasses,
): Pick<SourceImage, "marks" | "unread" | "faulty" | "unlabelled"> {
  const objects = featuresOf(JsonCursor.ofFile(file)).map((feature) => ({ feature, type: typeOf(feature) }));
  const detected = objects.some(({ type }) => type === "detection" || type === "cell");
  const marks: Mark[] = [];
  const unread: UnreadMark[] = [];
  const left = objects.filter((object) => tally.faulty.isFaulty(() => readObject(object))).length;
  const parts = objects.filter(({ type }) => type === "tile" || type === "tmacore").length;
  const isUnlabelled = parts > 0 && objects.every(({ type }) => NOT_MARKS.has(type));
  return { marks, unread, ...(left === 0 ? {} : { faulty: left }), ...(isUnlabelled ? { unlabelled: true } : {}) };

  function readObject({ feature, type }: (typeof objects)[number]): void {
    if (NOT_MARKS.has(type)) {
      tally.skipped.add(type);
      return;
    }
    const label = labelOf(feature.at("properties").at("classification"));
    const region = regionOf(feature);
    const { points, polygons, others } = partsOf(feature);
    if (detected && type === "annotation" && label === null && region === undefined && points.length + others.length === 0) {
      tally.skipped.add("annotation around detections");
      return;
    }
    const isRegion = (region ?? regionOfClass(label, classes)) !== undefined;
    const outlines = outlinesOf(polygons, isRegion ? "together" : type === "annotation" ? "apart" : "nearby");
    if (outlines.length > 1) {
      tally.split.objects++;
      tally.split.cells += outlines.length;
    }
    for (const place of [...points, ...outlines]) marks.push(new JsonMark(feature.place, { place, label, region }));
    for (const other of others) unread.push(jsonUnread(feature.place, other));
  }
}

/** Of the nucleus, where a cell has one that is not empty. What has no part at all is one that cannot be read. */
function partsOf(feature: JsonCursor): GeometryParts {
  const geometry = feature.at("geometry");
  for (const place of [feature.at("nucleusGeometry"), geometry]) {
    if (!place.exists) continue;
    const parts = geometryParts(place);
    if (parts.points.length + parts.polygons.length + parts.others.length > 0) return parts;
  }
  const kind = geometry.exists ? `empty ${geometry.at("type").text()}` : "object without geometry";
  return { points: [], polygons: [], others: [{ kind }] };
}

/** The outlines of an object's polygons: one of all, one of each, or one of those that lie close to each other. */
function outlinesOf(polygons: GeometryParts["polygons"], how: "together" | "apart" | "nearby"): Place[] {
  const outline = (parts: GeometryParts["polygons"]): Place => ({ kind: "outline", rings: parts.flat() });
  if (how === "apart" || polygons.length < 2) return polygons.map((polygon) => outline([polygon]));
  if (how === "together") return [outline(polygons)];
  const bounds = polygons.map((polygon): Box => boundsOf(outline([polygon]), 0));
  return groupNearby(bounds).map((group) => outline(group.map((i) => polygons[i])));
}

/** All features, parents before children. Without recursion, so that deep nesting cannot overflow the stack. */
export function featuresOf(root: JsonCursor): JsonCursor[] {
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
export function typeOf(feature: JsonCursor): string {
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
export function labelOf(classification: JsonCursor): string | null {
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

export function regionOf(feature: JsonCursor): RegionKind | undefined {
  const { value } = feature.at("properties").at("metadata").at("region");
  return value === "complete" || value === "ignore" ? value : undefined;
}
