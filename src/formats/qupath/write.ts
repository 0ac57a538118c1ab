// Boxes and regions as QuPath GeoJSON (https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html), one
// FeatureCollection per image, one feature per line: boxes as rectangles, in pixels of the full resolution. A class is a
// `classification`; regions have the classes "complete" and "ignore", repeated in their metadata.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { thousandths } from "../../data/coco/text.ts";
import { writeFolderAtomic } from "../../files/atomic-folder.ts";
import { innerPaths } from "../../files/file-stem.ts";
import { type Region, rectangleRing, regionAt } from "../../geometry/region.ts";
import { type ExportImage, type ExportMark, type ExportSource, millionths } from "../export-source.ts";

/**
 * Writes the folder `dir`, whole or not at all: image "a/b.png" becomes "a/b.png.geojson". Coordinates are rounded to 0.001 pixels;
 * annotations become QuPath annotations, detections QuPath detections with the measurement "score". Throws a UserError when `dir`
 * exists.
 */
export function exportQupath({ images }: ExportSource, dir: string): void {
  const paths = innerPaths(images.map(({ fileName }) => fileName));
  writeFolderAtomic(dir, (beside) => {
    images.forEach((image, i) => {
      const file = join(beside, `${paths[i]}.geojson`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, geoJsonText(image));
    });
  });
}

function geoJsonText({ marks, regions = [] }: ExportImage): string {
  const features = [...regions.map(regionFeature), ...marks.map(markFeature)].map((feature) => JSON.stringify(feature));
  return `{"type":"FeatureCollection","features":[${features.map((feature) => `\n${feature}`).join(",")}\n]}\n`;
}

function markFeature({ box, label, score }: ExportMark): object {
  const geometry = { type: "Polygon", coordinates: [closed(rectangleRing(...box))] };
  if (score === undefined) return feature(geometry, { objectType: "annotation", classification: { name: label } });
  return feature(geometry, {
    objectType: "detection",
    classification: { name: label },
    measurements: { score: millionths(score) },
  });
}

function regionFeature({ kind, rings }: Region): object {
  const polygons = polygonsOf(rings);
  const geometry =
    polygons.length === 1 ? { type: "Polygon", coordinates: polygons[0] } : { type: "MultiPolygon", coordinates: polygons };
  const properties = { objectType: "annotation", classification: { name: kind }, isLocked: true };
  return feature(geometry, { ...properties, metadata: { region: kind } });
}

export const feature = (geometry: object, properties: object): object => ({ type: "Feature", geometry, properties });

/**
 * GeoJSON polygons, each an outline followed by its holes. A ring inside an odd number of others is a hole of the innermost
 * outline around it.
 */
function polygonsOf(rings: Region["rings"]): number[][][][] {
  const around = rings.map(([x, y], i) => rings.flatMap((ring, j) => (i !== j && encloses(ring, x, y) ? [j] : [])));
  const isOutline = (i: number): boolean => around[i].length % 2 === 0;
  const polygons = new Map<number, number[][][]>();
  for (const i of rings.keys()) if (isOutline(i)) polygons.set(i, [closed(rings[i])]);
  for (const i of rings.keys()) {
    if (isOutline(i)) continue;
    const [owner = i] = around[i].filter(isOutline).sort((a, b) => around[b].length - around[a].length);
    polygons.set(owner, [...(polygons.get(owner) ?? []), closed(rings[i])]); // i itself, when rings cross
  }
  return [...polygons.values()];
}

const encloses = (ring: readonly number[], x: number, y: number): boolean =>
  regionAt([{ kind: "complete", rings: [ring] }], x, y) !== null;

/** The points of a ring, with the first repeated at the end. */
export function closed(ring: readonly number[]): number[][] {
  const points: number[][] = [];
  for (let i = 0; i < ring.length; i += 2) points.push([thousandths(ring[i]), thousandths(ring[i + 1])]);
  return [...points, points[0]];
}
