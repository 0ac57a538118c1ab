// Boxes and regions as QuPath GeoJSON (https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html), one
// FeatureCollection per image, one feature per line: boxes as rectangles, in pixels of the full resolution. A class is a
// `classification` with a colour (class-colours.ts); regions have the classes "complete" and "ignore", repeated in their metadata.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFolderAtomic } from "../../files/atomic-folder.ts";
import { innerPaths } from "../../files/file-stem.ts";
import { type Region, rectangleRing } from "../../geometry/region.ts";
import { type ExportImage, type ExportMark, type ExportSource, millionths } from "../export-source.ts";
import { classification } from "./class-colours.ts";
import { closed, polygonsOf } from "./polygons.ts";

/**
 * Writes the folder `dir`, whole or not at all: image "a/b.png" becomes "a/b.png.geojson". Coordinates are rounded to 0.001 pixels;
 * annotations become QuPath annotations, detections QuPath detections with the measurement "score". Throws a UserError when `dir`
 * exists.
 */
export function exportQupath({ images, categories }: ExportSource, dir: string): void {
  const places = new Map(categories.map(({ name }, i) => [name, i]));
  const paths = innerPaths(images.map(({ fileName }) => fileName));
  writeFolderAtomic(dir, (beside) => {
    images.forEach((image, i) => {
      const file = join(beside, `${paths[i]}.geojson`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, geoJsonText(image, places));
    });
  });
}

/** `places`: of the classes by name, for their colours. */
function geoJsonText({ marks, regions = [] }: ExportImage, places: ReadonlyMap<string, number>): string {
  const cells = marks.map((mark) => markFeature(mark, classification(mark.label, places.get(mark.label) ?? 0)));
  const features = [...regions.flatMap(regionFeature), ...cells].map((feature) => JSON.stringify(feature));
  return `{"type":"FeatureCollection","features":[${features.map((feature) => `\n${feature}`).join(",")}\n]}\n`;
}

function markFeature({ box, score }: ExportMark, classification: object): object {
  const geometry = { type: "Polygon", coordinates: [closed(rectangleRing(...box))] };
  if (score === undefined) return feature(geometry, { objectType: "annotation", classification });
  return feature(geometry, { objectType: "detection", classification, measurements: { score: millionths(score) } });
}

/** None for a region without area. */
function regionFeature({ kind, rings }: Region): object[] {
  const polygons = polygonsOf(rings);
  if (polygons.length === 0) return [];
  const geometry =
    polygons.length === 1 ? { type: "Polygon", coordinates: polygons[0] } : { type: "MultiPolygon", coordinates: polygons };
  const properties = { objectType: "annotation", classification: classification(kind, 0), isLocked: true };
  return [feature(geometry, { ...properties, metadata: { region: kind } })];
}

export const feature = (geometry: object, properties: object): object => ({ type: "Feature", geometry, properties });
