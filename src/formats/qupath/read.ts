// Objects exported by QuPath (https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html): GeoJSON or a
// table of points (TSV), one file per image, named after it. In pixels of the full resolution, from the top left corner.

import { annotationFiles, ImageNames } from "../annotation-files.ts";
import { SkippedKinds } from "../skipped-kinds.ts";
import type { Source, SourceImage, SourceOptions } from "../source.ts";
import { readGeoJsonMarks } from "./geojson.ts";
import { readTsvMarks } from "./points.ts";

/**
 * Reads `annotations`, a .geojson, .json or .tsv file or a folder of them: "a.geojson", "a.png.geojson", "a.tsv" and QuPath's
 * "a.png-points.tsv" belong to the image "a.png". geojson.ts and points.ts say what becomes of objects.
 * Throws a UserError with file and line on malformed files.
 */
export function readQupath({ images: folder, annotations }: SourceOptions): Source {
  const names = new ImageNames(folder);
  const skipped = new SkippedKinds("points and closed shapes of annotations, detections and cells");
  const images = annotationFiles(annotations, [".geojson", ".json", ".tsv"]).map(({ file, stem }): SourceImage => {
    const name = names.findStem(stem) ?? names.findStem(stem.replace(/-points$/, "")) ?? stem;
    const marks = /\.tsv$/i.test(file) ? readTsvMarks(file) : readGeoJsonMarks(file, skipped);
    return { name, marks, file, line: 0 };
  });
  return { images, notes: skipped.notes() };
}
