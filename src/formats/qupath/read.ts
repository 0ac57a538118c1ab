// Objects of QuPath: a project (project.ts), or exported files (https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html): GeoJSON or a
// table of points (TSV), one file per image, named after it. In pixels of the full resolution, from the top left corner.

import { annotationFiles, ImageNames, mergeFiles } from "../annotation-files.ts";
import { FaultyMarks } from "../faulty-marks.ts";
import type { RegionClasses } from "../regions.ts";
import { SkippedKinds } from "../skipped-kinds.ts";
import type { Source, SourceImage, SourceOptions } from "../source.ts";
import { readGeoJsonMarks } from "./geojson.ts";
import { readTsvMarks } from "./points.ts";
import { findProject, readProject } from "./project.ts";

/**
 * Reads `annotations`: a project, its folder or its .qpproj file; or a .geojson, .json or .tsv file or a folder of them, "a.geojson", "a.png.geojson", "a.tsv" and QuPath's
 * "a.png-points.tsv" belong to the image "a.png", also together. geojson.ts and points.ts say what becomes of objects.
 * Throws a UserError with file and line on malformed files.
 */
export function readQupath({ images: folder, annotations, dropInvalid, ...classes }: SourceOptions & RegionClasses): Source {
  const names = new ImageNames(folder);
  const faulty = new FaultyMarks({ dropInvalid });
  const tally = {
    faulty,
    skipped: new SkippedKinds("points and closed shapes of annotations, detections and cells"),
    split: { objects: 0, cells: 0 },
  };
  const project = findProject(annotations);
  const { images, notes } =
    project === null ? readFiles() : readProject(project, names, (file) => readGeoJsonMarks(file, tally, classes));
  const { objects, cells } = tally.split;
  const split = objects === 0 ? [] : [`${objects} objects of several parts became ${cells} cells, one for each part`];
  return { images, notes: [...split, ...notes, ...tally.skipped.notes()], ...faulty.report() };

  function readFiles() {
    const files = annotationFiles(annotations, [".geojson", ".json", ".tsv"]).map(({ file, stem }): SourceImage => {
      const name = names.findStem(stem) ?? names.findStem(stem.replace(/-points$/, "")) ?? stem;
      const read = /\.tsv$/i.test(file) ? readTsvMarks(file, faulty) : readGeoJsonMarks(file, tally, classes);
      return { name, ...read, file, line: 0 };
    });
    return mergeFiles(files, names);
  }
}
